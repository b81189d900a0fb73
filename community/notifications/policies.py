"""Who may, as far as messages go. One's own inbox is everybody's own."""

from typing import Any


def may_send_again(user: Any) -> bool:
    """Whoever may change outgoing messages in the back office."""
    return user.is_active and user.has_perm("notifications.change_outboxmessage")
