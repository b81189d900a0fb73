"""The reason that a cashier gives for an act that takes something back."""

from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError

MAX_REASON = 200


def check_reason(reason: str) -> None:
    """Requires a reason of at most 200 characters. Raises ``ActionError`` with the field ``reason``."""
    if not reason.strip():
        raise ActionError("reason_missing", _("Please write why."), field="reason")
    if len(reason.strip()) > MAX_REASON:
        raise ActionError("too_long", _("Please keep it under 200 characters."), field="reason")
