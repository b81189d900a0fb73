"""What every step of a booking does: check, move, tell those whom it concerns."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.core.transitions import StatusChange
from community.notifications import live, outbox
from services.care import policies
from services.care.models import CareBooking
from services.common import steps


def step(
    *,
    booking: CareBooking,
    verb: str,
    to: str,
    by: User,
    now: datetime,
    reason: str = "",
    tells: str = "",
    sms: bool = False,
    only_if: dict[str, Any] | None = None,
    **changes: Any,
) -> StatusChange | None:
    """Take ``verb``: the move, its history and what people are told, in one transaction.

    ``tells`` names the message to the resident; ``only_if`` is a condition on the row. Returns the
    history row, or None if the same person had already done the same. Raises ``Forbidden`` or ``AlreadyMoved``.
    """
    policies.require(verb, by, booking)
    rule = policies.VERBS[verb]

    def tell(change: StatusChange) -> None:
        if tells:
            tell_resident(booking, tells, key=f"care:{booking.pk}:{change.pk}", sms=sms, now=now, by=by)
        notify_open_pages(booking)

    return steps.step(
        booking,
        to,
        states=rule.states,
        by=by,
        now=now,
        reason=reason,
        on_behalf_of=acting_for(booking, verb, by),
        only_if={"carer": by} if rule.who == policies.CARER else only_if,
        # A step into the same state is a new one: another carer, another time.
        is_new=to == CareBooking.Status.BOOKED,
        then=tell,
        **changes,
    )


def acting_for(booking: CareBooking, verb: str, by: User) -> User | None:
    """For whom: the resident, where somebody else does what is the resident's to do."""
    is_resident_verb = policies.VERBS[verb].who == policies.RESIDENT
    return booking.resident if is_resident_verb and by.pk != booking.resident_id else None


def tell_resident(
    booking: CareBooking, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """The resident, and whoever booked it for them; not the one who has just done it."""
    resident = booking.resident
    steps.tell_both(
        (resident, booking.reported_by),
        template,
        but=by,
        may=lambda person: policies.may_book_for(person, resident, estate_id=booking.estate_id),
        key=key,
        params=told(booking),
        url=reverse("care_booking", args=[booking.pk]),
        sms=sms,
        now=now,
    )


def tell_carer(booking: CareBooking, carer: User, template: str, *, key: str, now: datetime) -> None:
    """Of a visit that is not theirs any more there is nothing left to open but their list."""
    is_theirs = booking.carer_id == carer.pk and booking.status != CareBooking.Status.CANCELLED
    url = reverse("care_visit", args=[booking.pk]) if is_theirs else reverse("care_work")
    outbox.queue_message(carer, template, key=key, params=told(booking), url=url, now=now)


def when_words(moment: datetime) -> str:
    """``11-24 12:00``: the same in both languages."""
    return f"{clock.local(moment):%m-%d %H:%M}"


def told(booking: CareBooking) -> dict[str, Any]:
    """The parameters of every message about a booking; nothing that somebody wrote freely."""
    return {
        "reference": booking.reference,
        "what": booking.service.name,
        "when": when_words(booking.starts_at),
        "resident": booking.resident.name,
        "carer": booking.carer.name if booking.carer else "",
        "fen": booking.price_fen,
    }


def week_topic(estate_id: int) -> str:
    return f"care_week:{estate_id}"


def notify_open_pages(booking: CareBooking, *, also: int | None = None) -> None:
    """Open pages of the resident, the coordinator and the carer are told. Last in a transaction."""
    topics = {booking.live_topic, week_topic(booking.estate_id)}
    topics |= {f"resident:{person}" for person in (booking.resident_id, booking.reported_by_id)}
    topics |= {f"carer:{carer}" for carer in (booking.carer_id, also) if carer}
    live.notify_open_pages(*topics)
