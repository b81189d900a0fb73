"""Homes, delegations and roles of a person by key: found out once for each request that only reads."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.models.people import User
from community.core import clock
from community.core.moments import changes_at
from community.core.statements import Statement

if TYPE_CHECKING:
    from accounts.models.residents import Delegation, DelegationQuerySet, Residency, ResidencyQuerySet

# With more homes, one subquery is shorter than a condition for each home.
HOMES_BY_KEY = 20
# Stands for the key of a person in a statement that is written once.
PERSON = -1
# Writes to these tables change what somebody may see.
TABLES = ("accounts_residency", "accounts_delegation", "accounts_staffrole")


class Access:
    """Homes, delegations and roles of one person. Three queries at most, each when it is first needed."""

    def __init__(self, user: User) -> None:
        self._user = user
        # Known with the roles; most staff have none of the other two, and most residents act for nobody.
        self._lacks: frozenset[str] = frozenset()

    @cached_property
    def roles(self) -> list[tuple[int, str]]:
        """Estate and role of each role with which the person acts."""
        carried = self._user.carried_role_ids
        if carried is not None and not carried:
            return []
        sql, params = _held_roles()
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._user.pk if one == PERSON else one for one in params])
            rows = cursor.fetchall()
        if rows:
            *_row, has_delegations, lives = rows[0]
            has = {"delegations": has_delegations, "living": lives}
            self._lacks = frozenset(name for name, found in has.items() if not found)
        today = clock.today(clock.now()).isoformat()
        held = [row for row in rows if row[0] is not None and (carried is None or row[0] in carried)]
        return [
            (estate, role) for _pk, estate, role, first, last, *_has in held if _holds(first, last, today)
        ]

    def estates(self, *roles: str) -> list[int]:
        """Returns the estates in which the person has one of these roles, or any role if none is named."""
        return sorted({estate for estate, role in self.roles if not roles or role in roles})

    def roles_in(self, estate_id: int) -> set[str]:
        """Returns the person's roles in this estate."""
        return {role for estate, role in self.roles if estate == estate_id}

    @cached_property
    def delegations(self) -> "list[Delegation]":
        """Delegations to the person that are offered or active, by age.

        An offer allows nothing yet, not even to learn whose it is.
        """
        if "delegations" in self._lacks:
            return []
        today = clock.today(clock.now())
        held = [one for one in _HELD(self._user.pk) if one.ends_on is None or one.ends_on >= today]
        for one in held:
            changes_at(clock.midnight(one.ends_on + timedelta(days=1)) if one.ends_on else None)
        return held

    def _given(self) -> Iterator[tuple[int, str]]:
        return ((one.resident_id, one.service) for one in self.delegations if one.accepted_at is not None)

    def acts_for(self, service: str) -> list[int]:
        """Returns the residents for whom the person may act in this service."""
        return sorted({resident for resident, given in self._given() if given == service})

    def acts_for_in_any(self) -> list[int]:
        """Returns the residents for whom the person may act in at least one service."""
        return sorted({resident for resident, _service in self._given()})

    def people(self, service: str) -> list[int]:
        """Returns the person and the residents for whom they may act in this service."""
        return [self._user.pk, *self.acts_for(service)]

    @cached_property
    def _living(self) -> "list[Residency]":
        """Residencies of the person and of everyone for whom they may act."""
        people = [self._user.pk, *self.acts_for_in_any()]
        if "living" in self._lacks and len(people) == 1:
            return []
        # Sorted here: a condition of the estate's own order would be dearer, and the rows are few.
        return sorted(_LIVED(people), key=_by_address)

    def living(self, service: str = "") -> "list[Residency]":
        """Returns the person's confirmed residencies that have not ended, in the order of homes, and those
        of residents for whom they act in ``service``; with addresses.
        """
        people = self.people(service) if service else [self._user.pk]
        return [one for one in self._living if one.user_id in people]

    def living_of_all(self) -> "list[Residency]":
        """Returns the residencies of ``living`` in all services together."""
        return self._living

    def homes(self, service: str = "") -> list[int]:
        """Returns the keys of the homes of ``living``."""
        return sorted({one.home_id for one in self.living(service)})

    def lived_in(self, service: str = "") -> list[int]:
        """Returns the keys of the estates of ``living``."""
        return sorted({one.home.estate.pk for one in self.living(service)})

    def since_moving_in(self, service: str = "") -> Q:
        """Returns the condition for rows with ``home`` that were made since one of ``living`` began."""
        return made_since(self.living(service))


def _held_delegations(person: int) -> "DelegationQuerySet":
    held: Any = User.delegations_held.rel.related_model
    delegations: DelegationQuerySet = held.objects.all()
    # Kept as written, so it knows no day of today.
    return delegations.unended().filter(delegate=person)


def _lived_by(people: list[int]) -> "ResidencyQuerySet":
    lived: Any = User.residencies.rel.related_model
    residencies: ResidencyQuerySet = lived.objects.all()
    return residencies.active().filter(user__in=people).order_by()


_HELD: "Statement[Delegation]" = Statement(lambda person: _held_delegations(person).order_by("pk"))
_LIVED: "Statement[Residency]" = Statement(
    lambda people: _lived_by(people).defer("words").select_related("home__entrance__building__estate")
)


@cache
def _held_roles() -> tuple[str, tuple[Any, ...]]:
    """Returns the statement of ``Access.roles`` and its parameters, with ``PERSON`` for the person's key.

    Every page asks it, and Django would need longer to write it than the database to answer. It has a row for
    somebody without a role too, which tells the rest.
    """
    has = (Exists(_held_delegations(PERSON)), Exists(_lived_by([PERSON])))
    columns = ("pk", "estate_id", "role", "starts_on", "ends_on")
    roles = (f"staff_roles__{column}" for column in columns)
    return User.objects.filter(pk=PERSON).order_by().values_list(*roles, *has).query.sql_with_params()


def _holds(first: object, last: object, today: str) -> bool:
    """Whether a role holds on a day; its days are dates, or text like ``2026-12-01`` as SQLite has them."""
    return (first is None or str(first) <= today) and (last is None or str(last) >= today)


def _by_address(one: "Residency") -> tuple[object, ...]:
    """Sorts like the orders of ``Home`` and what it stands in."""
    home, entrance, building = one.home, one.home.entrance, one.home.entrance.building
    within = (entrance.position, entrance.name, home.floor, home.number)
    return (building.estate.name, building.position, building.name, *within, one.pk)


def made_since(living: "Iterable[Residency]") -> Q:
    """Returns the condition for rows with ``home`` that were made since one of these residencies there began.

    Counts from the confirmation, not from the request: until then the home was the former household's.
    """
    rows = list(living)
    since: dict[int, datetime] = {}
    for one in rows:
        since[one.home_id] = min(one.status_changed_at, since.get(one.home_id, one.status_changed_at))
    if len(since) <= HOMES_BY_KEY:
        return any_of(Q(home=home, created_at__gte=begun) for home, begun in since.items())
    there = type(rows[0]).objects.active_at(OuterRef("created_at")).filter(home=OuterRef("home"))
    return Q(home__in=list(since)) & Q(Exists(there.filter(user__in={one.user_id for one in rows})))


def any_of(conditions: Iterable[Q]) -> Q:
    """Returns the condition that one of these holds; none holds if there are none."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


Found = dict[tuple[int, tuple[int, ...] | None], Access]
_found: ContextVar["tuple[Found, int] | None"] = ContextVar("found", default=None)


def access_of(user: User) -> Access:
    """Returns what the person may see: found out anew, or as found before inside ``found_once``.

    Inside a transaction that began since, as in an action, it is always found out anew.
    """
    kept = _found.get()
    if kept is None or len(connection.atomic_blocks) > kept[1]:
        return Access(user)
    carried = None if user.carried_role_ids is None else tuple(user.carried_role_ids)
    return kept[0].setdefault((user.pk, carried), Access(user))


@contextmanager
def found_once() -> Iterator[None]:
    """Keeps what each person may see until the end of the block, or until a statement changes it."""
    found: Found = {}

    def forget(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # A union begins with a bracket on PostgreSQL.
        if not sql.lstrip("(").startswith("SELECT") and any(table in sql for table in TABLES):
            found.clear()
        return execute(sql, params, many, context)

    token = _found.set((found, len(connection.atomic_blocks)))
    try:
        with connection.execute_wrapper(forget):
            yield
    finally:
        _found.reset(token)
