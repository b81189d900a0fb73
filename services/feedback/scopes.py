"""Scopes of API keys for feedback."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from accounts.policies import FIELD_ROLES
from community.core.services import Scope

Role = StaffRole.Role

FEEDBACK_READ = "feedback:read"
FEEDBACK_WRITE = "feedback:write"
FEEDBACK_DESK = "feedback:desk"

SCOPES = (
    Scope(FEEDBACK_READ, _("read feedback")),
    Scope(FEEDBACK_WRITE, _("write feedback")),
    Scope(FEEDBACK_DESK, _("answer feedback"), roles=set(Role) - FIELD_ROLES - {Role.AUDITOR}),
)
