"""Permissions for care bookings: one table, read by pages, API, admin and actions."""

from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from accounts.policies import Role, has_role, may_act_for
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate
from services.care import KEY
from services.care.models import CareBooking, CareDraft, Carer, CareService
from services.care.roles import COORDINATING, HELPING
from services.common.models.requests import TAKE_BACK
from services.common.verbs import Verb, VerbTable

S = CareBooking.Status

# Capacities in which a person may take a verb. The resident's side are the resident, their delegates for care
# and the staff who help residents; the household are the resident and their delegates, without staff.
RESIDENT_SIDE, HOUSEHOLD = "resident_side", "household"
HELPER, COORDINATOR, CARER = "helper", "coordinator", "carer"

# Until when residents cancel: a meal until 20:00 of the evening before, because it is cooked to order; a
# visit until two hours before.
EVENING = time(20)
VISIT_NOTICE = timedelta(hours=2)


VERBS = VerbTable(
    {
        "cancel_booking": Verb.of(RESIDENT_SIDE, S.BOOKED),
        "move_booking": Verb.of(RESIDENT_SIDE, S.BOOKED),
        "give_thumb": Verb.of(RESIDENT_SIDE, S.DONE),
        "book_again": Verb.of(RESIDENT_SIDE, *CareBooking.FINISHED),
        "arrange_visit": Verb.of(COORDINATOR, S.BOOKED),
        "mark_missed": Verb.of(COORDINATOR, S.BOOKED),
        "close_visit": Verb.of(COORDINATOR, S.UNDER_WAY),
        "start_visit": Verb.of(CARER, S.BOOKED),
        "finish_visit": Verb.of(CARER, S.UNDER_WAY),
        "report_missed": Verb.of(CARER, S.BOOKED),
    }
)


def is_helper(user: User, estate_id: int) -> bool:
    """Whether the user is staff who may book what is too late, or not offered, for residents themselves."""
    return has_role(user, estate_id, *HELPING)


def may_book_for(user: User, resident: User, *, estate_id: int) -> bool:
    """Whether the user may book for the resident: the resident, a delegate for care, the desk, and the care
    coordinator of an estate in which the resident lives.
    """
    if may_act_for(user, resident, KEY, estate_id=estate_id):
        return True
    here = Estate.objects.filter(pk=estate_id)
    lives_there = User.objects.filter(pk=resident.pk).living_in(here).exists()
    return lives_there and has_role(user, estate_id, Role.CARE_COORDINATOR)


def require_menus(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` unless the user may write the menus of the estate."""
    if not has_role(user, estate_id, *COORDINATING):
        raise Forbidden


def require_carer_pictures(user: User, carer: Carer) -> None:
    """Raises ``Forbidden`` unless the user may add and remove the pictures of this carer."""
    if not has_role(user, carer.provider.estate_id, *COORDINATING):
        raise Forbidden


def capacities(user: User, booking: CareBooking) -> set[str]:
    """Returns the capacities that the user has for this booking. Two queries."""
    roles = access_of(user).roles_in(booking.estate_id)
    held: set[str] = set()
    if roles & set(COORDINATING):
        held.add(COORDINATOR)
    if roles & set(HELPING):
        held.add(HELPER)
    if Role.CARER in roles and booking.carer_id == user.pk:
        held.add(CARER)
    if is_household(user, booking):
        held.add(HOUSEHOLD)
    if held & {HELPER, HOUSEHOLD}:
        held.add(RESIDENT_SIDE)
    return held


def is_household(user: User, row: CareBooking | CareDraft) -> bool:
    """Whether the user is the resident or one of their delegates for care; not staff."""
    return row.resident_id in access_of(user).people(KEY)


def may_read_code(user: User, booking: CareBooking, held: set[str] | None = None) -> bool:
    """Whether the user may read the start code: the resident's side, and never the visit's carer.

    ``held`` are the user's capacities, if the caller has read them.
    """
    held = capacities(user, booking) if held is None else held
    return HOUSEHOLD in held and user.pk != booking.carer_id


def free_until(booking: CareBooking) -> datetime:
    """Returns until when residents can cancel or move it themselves, at no cost.

    20:00 of the day before for a meal, two hours before for a visit. A booking made later than that can be
    cancelled for ``TAKE_BACK`` after it was made, but never after it has begun.
    """
    starts_at = booking.starts_at
    if booking.service.kind == CareService.Kind.MEALS:
        day_before = clock.local(starts_at).date() - timedelta(days=1)
        by_rule = datetime.combine(day_before, EVENING, tzinfo=clock.SHANGHAI)
    else:
        by_rule = starts_at - VISIT_NOTICE
    return min(max(by_rule, booking.created_at + TAKE_BACK), starts_at)


def is_too_late(booking: CareBooking, held: set[str], now: datetime) -> bool:
    """Whether only staff can still cancel or move it."""
    return HELPER not in held and now > free_until(booking)


def require_in_time(booking: CareBooking, held: set[str], now: datetime) -> None:
    """Raises ``ActionError`` (``too_late``) if only staff can still cancel or move the booked visit or meal.

    ``held`` are the user's capacities.
    """
    if booking.status == S.BOOKED and is_too_late(booking, held, now):
        raise ActionError(
            "too_late", _("It is too late to change this here. Please call the desk: they can still help.")
        )


def allowed_verbs(user: User, booking: CareBooking, now: datetime, held: set[str] | None = None) -> set[str]:
    """Returns the verbs that the user can take on this booking now.

    ``held`` are the user's capacities, if the caller has read them.
    """
    held = capacities(user, booking) if held is None else held
    verbs = VERBS.allowed(held, booking.status)
    if is_too_late(booking, held, now):
        verbs -= {"cancel_booking", "move_booking"}
    if booking.satisfaction_id or user.pk == booking.carer_id:
        verbs.discard("give_thumb")
    if not booking.service.needs_carer:
        verbs.discard("arrange_visit")
    return verbs


def require(verb: str, user: User, booking: CareBooking) -> set[str]:
    """Returns the user's capacities.

    Raises ``Forbidden`` if they may not take the verb, whatever the status. The carer of a visit never rates
    it for the resident.
    """
    held = capacities(user, booking)
    VERBS.require(verb, held)
    if verb == "give_thumb" and user.pk == booking.carer_id:
        raise Forbidden
    return held
