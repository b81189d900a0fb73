"""Scopes of the renovation API."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import Scope

Role = StaffRole.Role

RENOVATION_READ = "renovation:read"
RENOVATION_WRITE = "renovation:write"
RENOVATION_CREW = "crew"

SCOPES = (
    Scope(RENOVATION_READ, _("read renovation projects")),
    Scope(RENOVATION_WRITE, _("book renovation work")),
    Scope(RENOVATION_CREW, _("do renovation work"), roles={Role.CREW}),
)
