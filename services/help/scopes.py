"""Scopes of keys to the open API for calls for help."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Scope

HELP_CALLS = "help"

SCOPES = (Scope(HELP_CALLS, _("call for help")),)
