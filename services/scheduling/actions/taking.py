"""Writes the three rows of a new place by raw SQL: the place, its history, the slot's counter.

Booking opens for hundreds of people at the same second, and all want the same few slots. Between the first
and the last statement a slot is locked, so each round trip and each model that Django builds in between makes
everybody wait. PostgreSQL does all in one statement, without a transaction around it where the caller has
none. SQLite has no writing statements inside others, but no round trips either.

The order is that of ``services.scheduling.actions``: the place first, the slot last. All other places are
written by models: moved, confirmed, offered and released ones are not many at one second.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, connection, transaction

from services.scheduling.models import Place

OVERBOOKED = "slot_never_overbooked"
_HAS_ROOM = "id = %(slot)s AND taken < capacity AND NOT is_closed AND starts_at > %(now)s"
_PLACE = f"""
INSERT INTO scheduling_place
    (slot_id, status, key, resident_id, made_by_id, held_until, created_at, status_changed_at)
SELECT id, %(status)s, %(key)s, %(resident)s, %(by)s, %(held_until)s, %(now)s, %(now)s
FROM scheduling_slot WHERE {_HAS_ROOM}
RETURNING id, slot_id
"""  # noqa: S608  (nothing from outside)
_HISTORY = """
INSERT INTO scheduling_placechange
    (place_id, slot_id, from_status, to_status, actor_id, on_behalf_of_id, reason, at)
"""
# The room was read without a lock. Where it is gone when the slot's row is free, the count breaks the constraint
# ``slot_never_overbooked``, and nothing of the statement stays. An UPDATE of no row would leave the place.
_AT_ONCE = f"""
WITH placed AS ({_PLACE}),
written AS ({_HISTORY}
    SELECT id, slot_id, '', %(status)s, %(by)s, %(on_behalf_of)s, '', %(now)s FROM placed)
UPDATE scheduling_slot
SET taken = CASE WHEN is_closed OR starts_at <= %(now)s THEN capacity + 1 ELSE taken + 1 END
FROM placed WHERE scheduling_slot.id = placed.slot_id
RETURNING placed.id
"""  # noqa: S608


def insert_place(place: Place, *, now: datetime) -> bool:
    """Inserts a new place, its first history row and its count; returns whether the slot had room.

    Sets the key of ``place``. Writes nothing if the slot is full, closed or past. Raises ``IntegrityError`` if
    the key was used or the person has a place in this slot.
    """
    given = _params(place, now)
    pk = _insert_at_once(given) if connection.vendor == "postgresql" else _insert_in_turn(given)
    if pk is None:
        return False
    place.pk = pk
    place._state.adding, place._state.db = False, connection.alias
    return True


def _params(place: Place, now: datetime) -> dict[str, Any]:
    """Returns the values as the database stores them."""
    return {
        "slot": place.slot_id,
        "status": str(place.status),
        "key": Place._meta.get_field("key").get_db_prep_value(place.key, connection),
        "resident": place.resident_id,
        "by": place.made_by_id,
        "on_behalf_of": place.resident_id if place.resident_id != place.made_by_id else None,
        "held_until": connection.ops.adapt_datetimefield_value(place.held_until),
        "now": connection.ops.adapt_datetimefield_value(now),
    }


def _insert_at_once(given: Mapping[str, Any]) -> int | None:
    try:
        with _undone_alone(), connection.cursor() as cursor:
            cursor.execute(_AT_ONCE, given)
            return _key_of(cursor.fetchone())
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != OVERBOOKED:
            raise
        return None


def _undone_alone() -> AbstractContextManager[Any]:
    """Returns a savepoint inside a transaction; outside of one a statement is undone without it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _insert_in_turn(given: Mapping[str, Any]) -> int | None:
    """Inserts on SQLite, which lets one transaction write at a time: whoever sees room there has it."""
    with connection.cursor() as cursor:
        # Outside of the transaction, so that a full slot keeps no writer waiting.
        cursor.execute(f"SELECT 1 FROM scheduling_slot WHERE {_HAS_ROOM}", given)  # noqa: S608
        if cursor.fetchone() is None:
            return None
        with transaction.atomic():
            cursor.execute(_PLACE, given)
            pk = _key_of(cursor.fetchone())
            if pk is not None:
                cursor.execute(
                    f"{_HISTORY} VALUES (%(place)s, %(slot)s, '', %(status)s, %(by)s, %(on_behalf_of)s, '', %(now)s)",
                    {**given, "place": pk},
                )
                cursor.execute("UPDATE scheduling_slot SET taken = taken + 1 WHERE id = %(slot)s", given)
    return pk


def _key_of(row: tuple[Any, ...] | None) -> int | None:
    return cast("int", row[0]) if row else None
