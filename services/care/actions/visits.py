"""Steps of a visit: started at the door, finished, or missed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, dates
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move
from services.care import home_codes, policies
from services.care.actions.steps import STEPS, notify_open_pages, tell_resident
from services.care.models import CareBooking
from services.common.steps import Step
from services.fees.billing.actions.charges import Charge, charge
from services.fees.models import FeeItem

Status = CareBooking.Status
MAX_WORDS = 500
# Start allowed this long before the booked time; a visit of next week cannot be started by mistake.
EARLIEST = timedelta(hours=1)


def start_visit(*, booking: CareBooking, by: User, code: str, now: datetime) -> None:
    """Starts a visit with the four digits that the resident says, or with the code of the home.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``wrong_code``, ``TooMany`` after
    several wrong codes, or ``too_early`` more than one hour before the booked time.
    """
    policies.require("start_visit", by, booking)
    if booking.status == Status.BOOKED:
        _check_not_early(booking, now)
        home_codes.check(booking, code, carer_pk=by.pk)
    STEPS.take(booking, Step("start_visit", to=Status.UNDER_WAY, tells="care_started"), by=by, now=now)


def _check_not_early(booking: CareBooking, now: datetime) -> None:
    if now < booking.starts_at - EARLIEST:
        raise ActionError("too_early", _("This visit is not yet due. Please look at the time."))


def finish_visit(*, booking: CareBooking, by: User, words: str = "", now: datetime) -> None:
    """Finishes a visit and creates the resident's bill, once and in the same transaction.

    A service without a price creates no bill. Repeating it changes nothing. Raises ``Forbidden``,
    ``AlreadyMoved`` or ``too_long``.
    """
    policies.require("finish_visit", by, booking)
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    with transaction.atomic():
        if STEPS.take(booking, Step("finish_visit", to=Status.DONE, reason=words.strip()), by=by, now=now):
            _charge_visit(booking, by=by, now=now)
            _tell_done(booking, now=now)


def close_visit(*, booking: CareBooking, by: User, reason: str, now: datetime) -> None:
    """Finishes a visit for the carer, who cannot or forgot to; the coordinator states the reason.

    The bill is created as by ``finish_visit``. Repeating it changes nothing. Raises ``Forbidden``,
    ``AlreadyMoved``, ``reason_missing`` or ``too_long``.
    """
    policies.require("close_visit", by, booking)
    _check_reason(reason)
    with transaction.atomic():
        if STEPS.take(booking, Step("close_visit", to=Status.DONE, reason=reason.strip()), by=by, now=now):
            _charge_visit(booking, by=by, now=now)
            _tell_done(booking, now=now)


def close_served(*, booking: CareBooking, now: datetime) -> bool:
    """Finishes a booking without a carer, such as a meal, after its time, and creates its bill.

    Returns False if another request changed the booking meanwhile. Checks no permission.
    """
    try:
        with transaction.atomic():
            move(booking, Status.DONE, by=None, now=now)
            _charge_visit(booking, by=None, now=now)
            _tell_done(booking, now=now)
            notify_open_pages(booking)
    except AlreadyMoved:
        return False
    return True


def _charge_visit(booking: CareBooking, *, by: User | None, now: datetime) -> None:
    """Creates the bill of a booking with a price, charged to the resident and stated for the home of the
    visit.
    """
    if not booking.price_fen:
        return
    bill = charge(
        Charge(
            item_kind=FeeItem.Kind.CARE,
            estate=booking.estate,
            home=booking.home,
            subject=f"care:{booking.pk}",
            period=clock.today(booking.starts_at).replace(day=1),
            amount_fen=booking.price_fen,
            words=f"{booking.service.name} {dates.stored(booking.starts_at)}",
            charged_to=booking.resident,
        ),
        by=by,
        now=now,
        tell=False,
    )
    CareBooking.objects.filter(pk=booking.pk).update(bill=bill)
    booking.bill = bill


def _tell_done(booking: CareBooking, *, now: datetime) -> None:
    template = "care_done" if booking.price_fen else "care_done_free"
    tell_resident(booking, template, key=f"care:{booking.pk}:done", now=now, by=None)


def report_missed(*, booking: CareBooking, by: User, reason: str, now: datetime) -> None:
    """Records that nobody was at home, for the carer. It costs nothing; the resident's side is told by SMS.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``reason_missing``, ``too_long``, or
    ``too_early`` before the booked time.
    """
    _record_missed(booking, "report_missed", by=by, reason=reason, now=now)


def mark_missed(*, booking: CareBooking, by: User, reason: str, now: datetime) -> None:
    """Records that nobody was at home or a meal was not collected, for the coordinator.

    It costs nothing; the resident's side is told by SMS. Repeating it changes nothing. Raises ``Forbidden``,
    ``AlreadyMoved``, ``reason_missing``, ``too_long``, or ``too_early`` before the booked time.
    """
    _record_missed(booking, "mark_missed", by=by, reason=reason, now=now)


def _record_missed(booking: CareBooking, verb: str, *, by: User, reason: str, now: datetime) -> None:
    policies.require(verb, by, booking)
    _check_reason(reason)
    if booking.status == Status.BOOKED and now < booking.starts_at:
        raise ActionError("too_early", _("This visit is not yet due. Please look at the time."))
    STEPS.take(
        booking,
        Step(verb, to=Status.MISSED, reason=reason.strip(), tells="care_missed", sms=True),
        by=by,
        now=now,
    )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ActionError("reason_missing", _("Please write what happened."), field="reason")
    if len(reason) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="reason")
