"""Declaration of the desk."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import App, MenuGroup, MenuItem, Personal, Retention
from community.core.services.rights import EXPORT
from community.desk import figures
from community.desk.columns import COLUMNS
from community.desk.nav import NAV

Role = StaffRole.Role

APP = App(
    retention=(Retention("presence", _("days of use"), _("5 weeks"), figures.forget_presence),),
    personal=(Personal("desk.presence", about=("user",), goes=True),),
    nav=NAV,
    rights={role: {"desk.dayfigure": EXPORT} for role in (Role.MANAGER, Role.AUDITOR)},
    admin_menu=(
        MenuGroup(
            100,
            _("Figures"),
            (MenuItem(_("Daily figures"), "monitoring", "desk.dayfigure"),),
        ),
    ),
    columns=COLUMNS,
    beat={
        "tell-morning": {"task": "community.desk.tasks.tell_morning", "schedule": crontab(hour=8, minute=0)},
        "fill-figures": {
            "task": "community.desk.tasks.fill_figures",
            # Nightly, and again in the morning for a machine that is switched off at night.
            "schedule": crontab(hour="0,4,7,9", minute=20),
        },
    },
)
