"""The registry of apps and services; filled by ``AppConfig.ready``, read at any time after it."""

from collections.abc import Iterator, Mapping

from django.conf import settings

from community.core.services.declaration import App, Service
from community.core.services.messages import Template
from community.core.services.nav import NavEntry
from community.core.services.rights import Scope

_apps: dict[str, App] = {}
_services: dict[str, Service] = {}


def register(service: Service) -> None:
    """Adds ``service``; a second declaration of the same key replaces the first."""
    _services[service.key] = service


def register_app(name: str, app: App) -> None:
    """Adds an app that is no service, and so is never switched off; ``name`` is its package."""
    _apps[name] = app


def declared() -> list[Service]:
    """The services that are switched on, in the order of ``settings.SERVICES``."""
    return [_services[key] for key in settings.SERVICES if key in _services]


def find(key: str) -> Service | None:
    """The service of this key if it is switched on."""
    return _services.get(key) if is_on(key) else None


def is_on(key: str) -> bool:
    return key in settings.SERVICES


def is_off(key: str) -> bool:
    """Whether ``key`` is that of a service which is switched off."""
    return key in _services and not is_on(key)


def all_on() -> Iterator[App]:
    """The services that are switched on, then the other apps."""
    yield from declared()
    yield from _apps.values()


def _all_known() -> Iterator[App]:
    """Services that are switched off too: their old messages and records are still read."""
    yield from _services.values()
    yield from _apps.values()


def nav_entries() -> list[NavEntry]:
    """The entries of the side nav in the order of their positions."""
    return sorted((entry for app in all_on() for entry in app.nav), key=lambda entry: entry.position)


def message(name: str) -> Template | None:
    """The message of this name, also of a service that is switched off."""
    return next((app.messages[name] for app in _all_known() if name in app.messages), None)


def messages() -> dict[str, Template]:
    """All messages by name."""
    return {name: template for app in _all_known() for name, template in app.messages.items()}


def message_words() -> Mapping[str, tuple]:
    """How parameters of messages that are stored as a code are put into words, by parameter."""
    return {name: words for app in _all_known() for name, words in app.message_words.items()}


def scopes() -> list[Scope]:
    """The scopes that a key may be given: those of everybody first."""
    found = [scope for app in all_on() for scope in app.scopes]
    return sorted(found, key=lambda scope: scope.roles is not None)


def codes() -> dict[str, object]:
    """What the audit record calls the keys of services and the names of scopes."""
    words: dict[str, object] = {}
    for app in _all_known():
        words |= {scope.name: scope.label for scope in app.scopes}
    for service in _services.values():
        if service.delegated:
            words[service.key] = service.delegated.label
    return words
