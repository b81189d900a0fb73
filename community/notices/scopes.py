"""Scopes of API tokens for notices."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import Scope

NOTICES_READ = "notices:read"
NOTICES_DESK = "notices:desk"

SCOPES = (
    Scope(NOTICES_READ, _("read notices")),
    Scope(NOTICES_DESK, _("write notices"), roles=set(StaffRole.DESK)),
)
