"""Declaration of notifications."""

from django.utils.translation import gettext_lazy as _

from community.core.services import App, MenuGroup, MenuItem, Retention
from community.notifications import metrics, retention
from community.notifications.columns import COLUMNS

APP = App(
    admin_menu=(
        MenuGroup(
            120,
            _("Messages"),
            (MenuItem(_("Outgoing messages"), "outgoing_mail", "notifications.outboxmessage"),),
        ),
    ),
    columns=COLUMNS,
    retention=(
        Retention("old_notices", _("messages in inboxes"), _("a year"), retention.forget_old_notices),
        Retention(
            "sent_messages", _("messages that were sent"), _("half a year"), retention.forget_sent_messages
        ),
    ),
    metrics=metrics.waiting,
    beat={"sweep-outbox": {"task": "community.notifications.tasks.sweep_outbox", "schedule": 10}},
)
