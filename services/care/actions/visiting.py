"""The visit itself: begun at the door, finished, or nobody at home."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move
from services.care import home_codes, policies
from services.care.actions.steps import STEPS, notify_open_pages, tell_resident, when_words
from services.care.models import CareBooking
from services.common.steps import Step
from services.fees.actions.charging import Charge, charge
from services.fees.models import FeeItem

Status = CareBooking.Status
MAX_WORDS = 500
# A carer who is early may begin; the visit of next week may not be begun by mistake.
EARLIEST = timedelta(hours=1)


def start_visit(*, booking: CareBooking, by: User, code: str, now: datetime) -> None:
    """The carer is there: the elder has said the four digits, or the home's code was scanned.

    Raises ``wrong_code``, ``TooMany``, ``too_early``, ``Forbidden`` or ``AlreadyMoved``.
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
    """Done: the price becomes a bill in the elder's fees, once, in the same transaction."""
    policies.require("finish_visit", by, booking)
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    with transaction.atomic():
        if STEPS.take(booking, Step("finish_visit", to=Status.DONE, reason=words.strip()), by=by, now=now):
            _ask_for_money(booking, by=by, now=now)
            _tell_done(booking, now=now)


def close_visit(*, booking: CareBooking, by: User, reason: str, now: datetime) -> None:
    """The coordinator finishes what the carer began and cannot, or has forgotten to; billed as always."""
    policies.require("close_visit", by, booking)
    _check_reason(reason)
    with transaction.atomic():
        if STEPS.take(booking, Step("close_visit", to=Status.DONE, reason=reason.strip()), by=by, now=now):
            _ask_for_money(booking, by=by, now=now)
            _tell_done(booking, now=now)


def close_served(*, booking: CareBooking, now: datetime) -> bool:
    """A meal whose time is over counts as had. False if somebody has just said otherwise."""
    try:
        with transaction.atomic():
            move(booking, Status.DONE, by=None, now=now)
            _ask_for_money(booking, by=None, now=now)
            _tell_done(booking, now=now)
            notify_open_pages(booking)
    except AlreadyMoved:
        return False
    return True


def _ask_for_money(booking: CareBooking, *, by: User | None, now: datetime) -> None:
    """The bill is the elder's own: it is charged to the person, for the home in which it was."""
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
            words=f"{booking.service.name} {when_words(booking.starts_at)}",
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
    """The carer stood before a closed door. It costs nothing; the family is told at once."""
    _miss(booking, "report_missed", by=by, reason=reason, now=now)


def mark_missed(*, booking: CareBooking, by: User, reason: str, now: datetime) -> None:
    """The coordinator says that nobody was there, or that the meal was not fetched."""
    _miss(booking, "mark_missed", by=by, reason=reason, now=now)


def _miss(booking: CareBooking, verb: str, *, by: User, reason: str, now: datetime) -> None:
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
