"""Who reads the number of a resident, and the record of it."""

from django.http import HttpRequest

from accounts.models import User
from community.core import audit
from services.repairs import policies
from services.repairs.models import Repair

AT_WORK = frozenset({policies.DISPATCHER, policies.WORKER})


def works_on(user: User, repair: Repair) -> bool:
    """Whether the repair is this person's work: they see the number and the internal notes."""
    return bool(policies.capacities(user, repair) & AT_WORK)


def contact_shown(request: HttpRequest, repair: Repair, *, by: User) -> None:
    """Write down that the resident's number was shown to somebody at work."""
    audit.record("repair.contact_shown", by=by, target=repair, estate_id=repair.estate_id, request=request)
