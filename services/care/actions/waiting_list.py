"""Waiting lists of full times, and booking the place that is offered."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import homes_of
from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate, Home
from services.care import policies
from services.care.actions.bookings import CareChoice, check_bookable, check_home, open_draft
from services.care.models import CareDraft, CareService
from services.scheduling.actions import join_waiting, leave_waiting
from services.scheduling.models import Slot, Waiting


def wait_for_slot(*, service: CareService, slot: Slot, resident: User, by: User, now: datetime) -> Waiting:
    """Adds the resident to the waiting list of a full time. Repeating it keeps the turn.

    Raises ``Forbidden``, what ``check_bookable`` raises, and what ``join_waiting`` raises: ``slot_free`` if
    there is a place, ``slot_past``, ``slot_closed`` or ``already_yours``.
    """
    if not policies.may_book_for(by, resident, estate_id=service.estate_id):
        raise Forbidden
    check_bookable(service, slot, resident=resident, by=by, now=now)
    return join_waiting(slot=slot, resident=resident, by=by, now=now)


def home_in(estate: Estate, resident: User) -> Home:
    """Returns the resident's first home in the estate. Raises ``not_your_home`` if there is none."""
    home = homes_of(resident).of_estate(estate).with_address().first()
    if home is None:
        raise ActionError("not_your_home", _("Please choose one of your own homes."), field="home")
    return home


def leave_list(*, waiting: Waiting, by: User, now: datetime) -> None:
    """Leaves the waiting list; an offered place goes to the next person. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    _require_may_book(waiting, by)
    leave_waiting(waiting=waiting, by=by, now=now)


def choose_offered(*, waiting: Waiting, home: Home, by: User, key: UUID, now: datetime) -> CareDraft:
    """Returns a draft for the place offered from the waiting list; booking it goes on as usual.

    A repeated key returns the same draft. Raises ``Forbidden``, ``not_your_home``, or ``offer_over`` if the
    place is no longer held for this person.
    """
    service = _require_may_book(waiting, by)
    place = waiting.place
    if waiting.status != Waiting.Status.OFFERED or place is None or (place.held_until or now) <= now:
        raise ActionError("offer_over", _("This place is no longer kept for you."))
    check_home(service, waiting.resident, home)
    return open_draft(
        CareChoice(service=service, resident=waiting.resident, home=home, key=key, answer=""),
        place=place,
        by=by,
        now=now,
    )


def _require_may_book(waiting: Waiting, by: User) -> CareService:
    service = CareService.objects.get(resource=waiting.slot.resource_id)
    if not policies.may_book_for(by, waiting.resident, estate_id=service.estate_id):
        raise Forbidden
    return service
