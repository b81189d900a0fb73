"""Scopes of keys to the open API for repairs."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import Scope

Role = StaffRole.Role

REPAIRS_READ = "repairs:read"
REPAIRS_WRITE = "repairs:write"
REPAIR_WORK = "work"
REPAIR_DISPATCH = "dispatch"

SCOPES = (
    Scope(REPAIRS_READ, _("read repairs")),
    Scope(REPAIRS_WRITE, _("report and follow repairs")),
    Scope(REPAIR_WORK, _("do repair jobs"), roles={Role.REPAIR_WORKER}),
    Scope(REPAIR_DISPATCH, _("dispatch repairs"), roles={Role.DISPATCHER, Role.MANAGER}),
)
