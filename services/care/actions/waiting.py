"""Waiting for a place at a full time, and choosing the one that is offered."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import homes_of
from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate, Home
from services.care import policies
from services.care.actions.booking import CareChoice, check_bookable, check_home, open_draft
from services.care.models import CareDraft, CareService
from services.scheduling.actions import join_waiting, leave_waiting
from services.scheduling.models import Slot, Waiting


def wait_for_slot(*, service: CareService, slot: Slot, resident: User, by: User, now: datetime) -> Waiting:
    """Stand in line for a full time. Raises as ``join_waiting``: ``slot_free`` if there is a place."""
    if not policies.may_book_for(by, resident, estate_id=service.estate_id):
        raise Forbidden
    check_bookable(service, slot, resident=resident, by=by, now=now)
    return join_waiting(slot=slot, resident=resident, by=by, now=now)


def home_in(estate: Estate, resident: User) -> Home:
    """The resident's home in an estate, the first one they had; raises ``not_your_home``."""
    home = homes_of(resident).of_estate(estate).with_address().first()
    if home is None:
        raise ActionError("not_your_home", _("Please choose one of your own homes."), field="home")
    return home


def leave_list(*, waiting: Waiting, by: User, now: datetime) -> None:
    """Wait no longer; what was offered goes to the next."""
    _require(waiting, by)
    leave_waiting(waiting=waiting, by=by, now=now)


def choose_offered(*, waiting: Waiting, home: Home, by: User, key: UUID, now: datetime) -> CareDraft:
    """Go on to book the place that is kept for whoever waited; the rest is asked as always."""
    service = _require(waiting, by)
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


def _require(waiting: Waiting, by: User) -> CareService:
    service = CareService.objects.get(resource=waiting.slot.resource_id)
    if not policies.may_book_for(by, waiting.resident, estate_id=service.estate_id):
        raise Forbidden
    return service
