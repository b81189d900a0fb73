"""Declaration of WeChat's official accounts."""

from django.utils.translation import gettext_lazy as _

from community.core.services import App, MenuGroup, MenuItem, Retention
from community.wechat.columns import COLUMNS
from community.wechat.retention import forget_old_pushes

APP = App(
    admin_menu=(
        MenuGroup(
            125,
            _("WeChat"),
            (MenuItem(_("Official accounts"), "forum", "wechat.officialaccount"),),
        ),
    ),
    columns=COLUMNS,
    retention=(Retention("wechat_pushes", _("marks of WeChat's pushes"), _("2 days"), forget_old_pushes),),
)
