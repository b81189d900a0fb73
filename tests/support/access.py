"""The access matrix: every address, who gets in, and what the others are told.

``who`` names the standings of ``tests.support.world`` that are let in; everybody else gets
``refused``, and somebody who is not signed in is sent to the sign-in page (of residents or staff),
or gets 401 from the API.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.world import FOREIGN_ROLES, STAFF_ROLES, World

# Refused what the owner has, as any stranger is; their own old things are asked in ``test_moved_out``.
FORMER = {"former_tenant", "former_delegate"}
RESIDENTS = {"owner", "household", "delegate", "neighbour", "newcomer", "foreigner", *FORMER}
FOREIGN = {f"foreign_{role}" for role in FOREIGN_ROLES}
STAFF = {*STAFF_ROLES, "other_worker", *FOREIGN}
SIGNED_IN = RESIDENTS | STAFF | {"superuser"}
EVERYONE = SIGNED_IN | {"anonymous"}
NOBODY: set[str] = set()
# Who sees the owner's repair, given to "repair_worker".
REPAIR = {"owner", "household", "delegate", "repair_worker", "manager", "dispatcher", "front_desk", "auditor"}
ACTING = {"owner", "delegate", "manager", "front_desk"}
DISPATCHING = {"dispatcher", "manager"}
ON_BOARD = {"dispatcher", "front_desk", "manager", "auditor"}
WORKERS = {"repair_worker", "other_worker", "foreign_repair_worker"}


@dataclass(frozen=True)
class Row:
    """One address. ``data`` is posted where ``method`` is post; ``swept`` pages are looked at too."""

    who: set[str]
    kwargs: Callable[[World], dict[str, Any]] = lambda world: {}
    refused: int = 404
    # Where some of the others are told something else: a wrong role 403, a stranger's thing 404.
    but: dict[str, int] = field(default_factory=dict)
    method: str = "get"
    query: Callable[[World], str] = lambda world: ""
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    swept: bool = True


def is_let_in(response: HttpResponseBase) -> bool:
    """Anything but "no": the page, a redirect within, or a complaint about what was (not) filled in."""
    if response.status_code in {301, 302}:
        return "sign-in" not in response["Location"]
    return response.status_code < 500 and response.status_code not in {401, 403, 404, 405}


def all_routes() -> Iterator[tuple[str, str]]:
    """Every address of the product as (route, name), found by walking the resolver."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name or ""


def of(name: str, thing: str = "pk") -> Callable[[World], dict[str, Any]]:
    """The key of a thing of the world: ``of("repair")`` → ``{"pk": world.repair.pk}``; or of ``world.more``."""
    return lambda world: {thing: (world.more.get(name) or getattr(world, name)).pk}
