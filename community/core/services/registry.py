"""Registry of apps and services, filled in ``AppConfig.ready`` and readable afterwards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

from django.apps import apps
from django.conf import settings

from community.core.services.approvals import ByTwo
from community.core.services.columns import Column, Columns, OfNobody, columns_of
from community.core.services.declaration import App, Service
from community.core.services.messages import Template
from community.core.services.nav import NavEntry
from community.core.services.rights import Scope
from community.core.services.words import Words

_apps: dict[str, App] = {}
_services: dict[str, Service] = {}


def register(service: Service) -> None:
    """Adds ``service``; a second declaration of the same key replaces the first."""
    _services[service.key] = service
    _forget()


def register_app(name: str, app: App) -> None:
    """Adds an app that is not a service and cannot be switched off; ``name`` is its package."""
    _apps[name] = app
    _forget()


def declared() -> list[Service]:
    """Returns the services that are switched on, in the order of ``settings.SERVICES``."""
    return [_services[key] for key in settings.SERVICES if key in _services]


def find(key: str) -> Service | None:
    """Returns the service with this key if it is switched on."""
    return _services.get(key) if is_on(key) else None


def is_on(key: str) -> bool:
    return key in settings.SERVICES


def is_off(key: str) -> bool:
    """Whether ``key`` belongs to a service that is switched off."""
    return key in _services and not is_on(key)


def known_services() -> dict[str, Service]:
    """Returns every service by key, also those that are switched off."""
    return dict(_services)


def all_on() -> Iterator[App]:
    """Yields the services that are switched on, then the other apps."""
    yield from declared()
    yield from _apps.values()


def _all_known() -> Iterator[App]:
    """Yields all services and apps, including those switched off, whose old records are still read."""
    yield from _services.values()
    yield from _apps.values()


def holders() -> list[App]:
    """Returns the apps that hold rows about people, also services that are switched off."""
    return [app for app in _all_known() if app.personal]


class Placed(Protocol):
    @property
    def position(self) -> int: ...


P = TypeVar("P", bound=Placed)


def in_order(parts: Iterable[P]) -> list[P]:
    """Returns declared parts of several services in the order of their positions."""
    return sorted(parts, key=lambda part: part.position)


def nav_entries() -> list[NavEntry]:
    """Returns the navigation entries in the order of their positions."""
    return in_order(entry for app in all_on() for entry in app.nav)


def message(name: str) -> Template | None:
    """Returns the message with this name, also of a service that is switched off."""
    return messages().get(name)


@cache
def messages() -> Mapping[str, Template]:
    """Returns all messages by name."""
    return {name: template for app in _all_known() for name, template in app.messages.items()}


@cache
def message_words() -> Mapping[str, tuple[str, Callable[[Any], str]]]:
    """Returns the words for parameters stored as a code, by parameter."""
    return {name: words for app in _all_known() for name, words in app.message_words.items()}


@cache
def by_two() -> Mapping[str, ByTwo]:
    """Returns all acts by two by name, also of services that are switched off: old requests are still read."""
    return {name: act for app in _all_known() for name, act in app.by_two.items()}


def scopes() -> list[Scope]:
    """Returns the scopes of API tokens, those for everybody first."""
    found = [scope for app in all_on() for scope in app.scopes]
    return sorted(found, key=lambda scope: scope.roles is not None)


@cache
def acts() -> Mapping[str, Words]:
    """Returns the words of the audit record for the acts that apps write into it."""
    return {code: words for app in _all_known() for code, words in app.acts.items()}


@cache
def codes() -> Mapping[str, Words]:
    """Returns the words of the audit record for keys of services and names of scopes."""
    words: dict[str, Words] = {}
    for app in _all_known():
        words |= {scope.name: scope.label for scope in app.scopes}
        words |= {name: act.label for name, act in app.by_two.items()}
    for service in _services.values():
        if service.delegated:
            words[service.key] = service.delegated.label
    return words


def declared_columns() -> list[Columns | OfNobody]:
    """Returns what all apps say of their columns, also services that are switched off."""
    return [one for app in _all_known() for one in app.columns]


def personal_columns() -> list[Column]:
    """Returns every column of the schema that holds something of a person."""
    said = declared_columns()
    return [column for model in apps.get_models() for column in columns_of(model, said)]


def _forget() -> None:
    """Drops the collected words of all apps, which an admin list asks for with every row."""
    for collected in (messages, message_words, acts, codes, by_two):
        collected.cache_clear()
