"""Scopes of the care API."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import Scope

Role = StaffRole.Role

CARE_READ = "care:read"
CARE_WRITE = "care:write"
CARE_WORK = "care:work"

SCOPES = (
    Scope(CARE_READ, _("read care bookings")),
    Scope(CARE_WRITE, _("book care")),
    Scope(CARE_WORK, _("do care visits"), roles={Role.CARER}),
)
