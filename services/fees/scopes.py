"""Scopes of API keys for fees."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Scope

FEES_READ = "fees:read"
FEES_WRITE = "fees:write"

SCOPES = (
    Scope(FEES_READ, _("read bills")),
    Scope(FEES_WRITE, _("pay bills")),
)
