"""Effects of every step of a booking: messages and open pages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from community.core import audit, dates
from community.core.links import page_named
from community.core.transitions import StatusChange
from community.notifications import live, outbox
from services.care import policies
from services.care.models import CareBooking, CareDraft
from services.common.steps import StepRules, StepTaken, tell_permitted


def message_key(booking: CareBooking, change: StatusChange) -> str:
    """Returns the key under which a step of this booking is sent once."""
    return f"care:{booking.pk}:{change.pk}"


def acting_for(booking: CareBooking, verb: str, by: User) -> User | None:
    """Returns the resident if the verb is the resident's and another person takes it, else None."""
    is_resident_verb = policies.VERBS[verb].is_for(policies.RESIDENT_SIDE)
    return booking.resident if is_resident_verb and by.pk != booking.resident_id else None


def tell_resident(
    booking: CareBooking, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """Tells the resident and the person who booked for them, except ``by``, who has just acted.

    Skips people who may no longer book for the resident. ``sms`` also sends the message by SMS.
    """
    resident = booking.resident
    tell_permitted(
        (resident, booking.reported_by),
        template,
        but=by,
        may=lambda person: policies.may_book_for(person, resident, estate_id=booking.estate_id),
        key=key,
        params=message_params(booking),
        url=page_named("care_booking", booking.pk),
        sms=sms,
        now=now,
    )


def tell_carer(booking: CareBooking, carer: User, template: str, *, key: str, now: datetime) -> None:
    """Tells a carer of a visit. The message opens the visit, or the list of visits if it is no longer theirs."""
    is_theirs = booking.carer_id == carer.pk and booking.status != CareBooking.Status.CANCELLED
    url = page_named("care_visit", booking.pk) if is_theirs else page_named("care_work")
    outbox.queue_message(carer, template, key=key, params=message_params(booking), url=url, now=now)


def message_params(booking: CareBooking) -> dict[str, Any]:
    """Returns the parameters of every message about a booking, without free text. Price in fen."""
    return {
        "reference": booking.reference,
        "what": booking.service.name,
        "when": dates.stored(booking.starts_at),
        "resident": booking.resident.name,
        "carer": booking.carer.name if booking.carer else "",
        "fen": booking.price_fen,
    }


def week_topic(estate_id: int) -> str:
    """Returns the topic of the pages that show the estate's week."""
    return f"care_week:{estate_id}"


def notify_open_pages(booking: CareBooking, *, also_carer: int | None = None) -> None:
    """Notifies open pages of the resident, the coordinator and the carer. Call it last in the transaction.

    ``also_carer`` is the id of another carer, such as the former one.
    """
    topics = {booking.live_topic, week_topic(booking.estate_id)}
    topics |= {f"resident:{person}" for person in (booking.resident_id, booking.reported_by_id)}
    topics |= {f"carer:{carer}" for carer in (booking.carer_id, also_carer) if carer}
    live.notify_open_pages(*topics)


def _only_if_assigned(taken: StepTaken) -> dict[str, Any]:
    """Requires that a verb of the carer is taken by the visit's present carer: it may be reassigned
    meanwhile.
    """
    return {"carer": taken.by} if policies.VERBS[taken.step.verb].is_for(policies.CARER) else {}


STEPS = StepRules(
    verbs=policies.VERBS,
    require=policies.require,
    acting_for=acting_for,
    message_key=message_key,
    tell_resident=tell_resident,
    notify_open_pages=lambda taken: notify_open_pages(taken.row),
    only_if=_only_if_assigned,
    # A change of carer or time is a new step each time.
    repeatable=frozenset({CareBooking.Status.BOOKED}),
)


def record_number_read(request: HttpRequest, row: CareBooking | CareDraft, *, by: User) -> None:
    """Records in the audit that the number, address and answer were shown.

    Readers of the household and their delegates are not recorded.
    """
    if not policies.is_household(by, row):
        audit.record_number_read(row, by=by, estate_id=row.estate_id, request=request)
