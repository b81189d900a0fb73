"""Declaration of notices."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import App, MenuGroup, MenuItem, Personal
from community.core.services.rights import EXPORT
from community.notices.columns import COLUMNS
from community.notices.messages import MESSAGES
from community.notices.nav import NAV
from community.notices.scopes import SCOPES

Role = StaffRole.Role

APP = App(
    nav=NAV,
    rights={role: {"notices.notice": EXPORT} for role in (Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)},
    scopes=SCOPES,
    admin_menu=(
        MenuGroup(
            110,
            _("Notices"),
            (MenuItem(_("Notices"), "campaign", "notices.notice"),),
        ),
    ),
    messages=MESSAGES,
    personal=(
        Personal("notices.noticereading", about=("reader",), goes=True),
        Personal("notices.doortold", by=("told_by",)),
        Personal("notices.notice", by=("written_by",)),
        Personal("notices.noticechange", by=("actor", "on_behalf_of")),
    ),
    columns=COLUMNS,
    beat={"publish-due-notices": {"task": "community.notices.tasks.publish_due_notices", "schedule": 20}},
)
