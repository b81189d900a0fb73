"""Declaration of WeChat's official accounts."""

from django.utils.translation import gettext_lazy as _

from community.core.services import App, MenuGroup, MenuItem, Retention
from community.wechat.columns import COLUMNS
from community.wechat.retention import forget_old_pushes, forget_robot_messages

APP = App(
    admin_menu=(
        MenuGroup(
            125,
            _("WeChat"),
            (
                MenuItem(_("Official accounts"), "forum", "wechat.officialaccount"),
                MenuItem(_("Robots of group chats"), "smart_toy", "wechat.grouprobot"),
                MenuItem(_("Messages to group chats"), "outgoing_mail", "wechat.robotmessage"),
            ),
        ),
    ),
    columns=COLUMNS,
    retention=(
        Retention("wechat_pushes", _("marks of WeChat's pushes"), _("2 days"), forget_old_pushes),
        Retention("robot_messages", _("messages to group chats"), _("half a year"), forget_robot_messages),
    ),
    beat={"sweep-robots": {"task": "community.wechat.tasks.sweep_robots", "schedule": 10}},
)
