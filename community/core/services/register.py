"""The register of services; filled by ``AppConfig.ready``, read at any time after it."""

from django.conf import settings

from community.core.services.declaration import Service

_services: dict[str, Service] = {}


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
