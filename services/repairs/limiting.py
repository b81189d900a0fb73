"""How often one may report: counted alike for the pages and the API."""

from django.utils.translation import gettext as _

from accounts.models import Delegation, StaffRole, User
from accounts.policies import homes_of
from community.core import limits
from community.core.errors import TooMany
from community.core.limit_table import EMERGENCY, EMERGENCY_NETWORK, EMERGENCY_STRANGER, REPORT
from services.repairs.models import RepairDraft


def count_report(draft: RepairDraft, by: User, network: str) -> None:
    """Count a report that is about to be sent, unless it was sent before.

    Raises ``TooMany``; of an emergency with the number to call, since it may be a real one.
    """
    if draft.repair_id:
        return
    counted: list[limits.Counted] = [(REPORT, str(by.pk))]
    is_emergency = draft.category is not None and draft.category.is_emergency
    if is_emergency and not StaffRole.objects.held_by(by).filter(estate=draft.estate).exists():
        counted.append((EMERGENCY, str(by.pk)))
        if _is_stranger(by, draft.estate_id):
            counted += [(EMERGENCY_STRANGER, str(by.pk)), (EMERGENCY_NETWORK, network)]
    try:
        limits.hit_all(counted)
    except TooMany as error:
        if not is_emergency:
            raise
        words = _(
            "You have reported several emergencies; the desk was alarmed. For another one call %(phone)s."
        )
        raise TooMany(
            words % {"phone": draft.estate.desk_phone},
            retry_after=error.retry_after,
            phone=draft.estate.desk_phone,
        ) from error


def _is_stranger(user: User, estate_id: int) -> bool:
    """Nobody of this estate: no home there, and none of those for whom they act."""
    of_estate = {"entrance__building__estate": estate_id}
    if homes_of(user).filter(**of_estate).exists():
        return False
    given = Delegation.objects.active().filter(
        delegate=user,
        resident__residencies__status="active",
        resident__residencies__home__entrance__building__estate=estate_id,
    )
    return not given.exists()
