"""The register of services; filled by ``AppConfig.ready``, read at any time after it."""

from collections.abc import Iterable

from django.conf import settings

from community.core.services.declaration import Service
from community.core.services.nav import NavEntry

_services: dict[str, Service] = {}
# Side nav entries of apps that are no service, by app label.
_nav: dict[str, tuple[NavEntry, ...]] = {}


def register(service: Service) -> None:
    """Adds ``service``; a second declaration of the same key replaces the first."""
    _services[service.key] = service


def declared() -> list[Service]:
    """The services that are switched on, in the order of ``settings.SERVICES``."""
    return [_services[key] for key in settings.SERVICES if key in _services]


def find(key: str) -> Service | None:
    """The service of this key if it is switched on."""
    return _services.get(key) if is_on(key) else None


def is_on(key: str) -> bool:
    return key in settings.SERVICES


def register_nav(app_label: str, entries: Iterable[NavEntry]) -> None:
    """Adds the side nav entries of an app that is no service."""
    _nav[app_label] = tuple(entries)


def nav_entries() -> list[NavEntry]:
    """The entries of all apps, and of the services that are switched on, in the order of their positions."""
    found = [entry for entries in _nav.values() for entry in entries]
    found += [entry for service in declared() for entry in service.nav]
    return sorted(found, key=lambda entry: entry.position)
