"""Permissions for messages. People always see their own inbox."""

from typing import Any


def may_send_again(user: Any) -> bool:
    """Whether the user may change outgoing messages in the admin."""
    return user.is_active and user.has_perm("notifications.change_outboxmessage")
