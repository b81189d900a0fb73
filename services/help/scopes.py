"""What a key to the open API may do here."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Scope

HELP_CALLS = "help"

SCOPES = (Scope(HELP_CALLS, _("call for help")),)
