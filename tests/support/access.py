"""Access matrix: all addresses, the people who are let in, and the answer to all others.

``who`` names the standings of ``tests.support.world`` that are let in; all others get ``refused``. People who
are not signed in are sent to the sign-in page (of residents or staff), or get 401 from the API.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.world import FOREIGN_ROLES, STAFF_ROLES, World

# Refused as strangers are; their own former rows are tested in ``test_moved_out``.
FORMER = {"former_tenant", "former_delegate"}
RESIDENTS = {"owner", "household", "delegate", "neighbour", "newcomer", "foreigner", *FORMER}
FOREIGN = {f"foreign_{role}" for role in FOREIGN_ROLES}
STAFF = {*STAFF_ROLES, "other_worker", *FOREIGN}
# The system, the security and the audit administrator, and the city's operator.
ADMINISTRATORS = {"superuser", "security", "auditing", "city"}
SIGNED_IN = RESIDENTS | STAFF | ADMINISTRATORS
EVERYONE = SIGNED_IN | {"anonymous"}
NOBODY: set[str] = set()
# Standings that see the owner's repair, given to "repair_worker".
REPAIR = {"owner", "household", "delegate", "repair_worker", "manager", "dispatcher", "front_desk", "auditor"}
ACTING = {"owner", "delegate", "manager", "front_desk"}
DISPATCHING = {"dispatcher", "manager"}
ON_BOARD = {"dispatcher", "front_desk", "manager", "auditor"}
WORKERS = {"repair_worker", "other_worker", "foreign_repair_worker"}


@dataclass(frozen=True)
class Row:
    """An address. ``data`` is posted if ``method`` is post; ``swept`` pages are opened by the page sweep too."""

    who: set[str]
    kwargs: Callable[[World], dict[str, Any]] = lambda world: {}
    refused: int = 404
    # Standings with another refusal: a wrong role gets 403, a stranger's row 404.
    but: dict[str, int] = field(default_factory=dict)
    method: str = "get"
    query: Callable[[World], str] = lambda world: ""
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    swept: bool = True


def is_let_in(response: HttpResponseBase) -> bool:
    """Whether the response is anything but a refusal: a page, a redirect within, or an error about the input."""
    if response.status_code in {301, 302}:
        return "sign-in" not in response["Location"]
    return response.status_code < 500 and response.status_code not in {401, 403, 404, 405}


def all_routes() -> Iterator[tuple[str, str]]:
    """Returns all addresses of the product as (route, name), found by walking the resolver."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name or ""


def of(name: str, thing: str = "pk") -> Callable[[World], dict[str, Any]]:
    """Returns the address arguments of a row of the world or of ``world.more``: ``of("repair")`` → ``{"pk":
    world.repair.pk}``.
    """
    return lambda world: {thing: (world.more.get(name) or getattr(world, name)).pk}
