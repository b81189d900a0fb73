"""Who reads what was told in confidence: health words, numbers, addresses."""

from django.http import HttpRequest

from accounts.models import User
from community.core import audit
from services.care import policies
from services.care.models import CareBooking, CareDraft


def contact_shown(request: HttpRequest, thing: CareBooking | CareDraft, *, by: User) -> None:
    """Write down that number, address and answer were shown; not of what is one's own, or one's parent's."""
    if not policies.is_household(by, thing):
        audit.record("care.contact_shown", by=by, target=thing, estate_id=thing.estate_id, request=request)
