"""Declaration of notifications."""

from django.utils.translation import gettext_lazy as _

from community.core.services import App, MenuGroup, MenuItem
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
    beat={"sweep-outbox": {"task": "community.notifications.tasks.sweep_outbox", "schedule": 10}},
)
