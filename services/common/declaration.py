"""Declaration of services.common."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Administration, StaffRole
from community.core.services import App, MenuGroup, MenuItem
from community.core.services.rights import EXPORT, KEEP, VIEW
from services.common import metrics
from services.common.columns import COLUMNS
from services.common.personal import PERSONAL

Role = StaffRole.Role

APP = App(
    rights={
        Role.MANAGER: {
            "common.alarm": EXPORT,
            "common.satisfaction": EXPORT,
            "common.responsetime": KEEP,
            "common.responseclock": EXPORT,
        },
        Role.DISPATCHER: {"common.alarm": VIEW, "common.satisfaction": VIEW},
        Role.FRONT_DESK: {"common.alarm": VIEW},
        Role.CARE_COORDINATOR: {"common.satisfaction": VIEW},
        Administration.SYSTEM: {"common.responsetime": KEEP},
        Role.AUDITOR: {
            "common.alarm": EXPORT,
            "common.satisfaction": EXPORT,
            "common.responsetime": VIEW,
            "common.responseclock": EXPORT,
        },
    },
    admin_menu=(
        MenuGroup(
            20,
            _("Satisfaction"),
            (
                MenuItem(_("Satisfaction"), "mood", "common.satisfaction"),
                MenuItem(_("Response times"), "timer", "common.responsetime"),
                MenuItem(_("Response clocks"), "hourglass_top", "common.responseclock"),
            ),
        ),
        MenuGroup(
            30,
            _("Alarms"),
            (MenuItem(_("Alarms"), "notifications_active", "common.alarm"),),
        ),
    ),
    personal=PERSONAL,
    columns=COLUMNS,
    metrics=metrics.late_answers,
    beat={
        "escalate-late-answers": {"task": "services.common.tasks.escalate_late_answers", "schedule": 60},
        "forget-early-files": {"task": "services.common.tasks.forget_early_files", "schedule": 3600},
    },
)
