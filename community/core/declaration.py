"""Declaration of the core."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from community.core.columns import COLUMNS
from community.core.services import App, MenuGroup, MenuItem

APP = App(
    admin_menu=(
        MenuGroup(
            130,
            _("Audit"),
            (MenuItem(_("Audit records"), "policy", "core.auditrecord"),),
        ),
    ),
    columns=COLUMNS,
    beat={
        "carry-on-exports": {"task": "community.core.tasks.sweep_exports", "schedule": 30},
        "write-folded-failures": {"task": "community.core.tasks.write_folded_failures", "schedule": 300},
        "seal-audit": {"task": "community.core.tasks.seal_audit", "schedule": 60},
        "check-audit": {"task": "community.core.tasks.check_audit", "schedule": crontab(hour="4", minute=20)},
        "forget-unsent-forms": {"task": "community.core.tasks.forget_unsent_forms", "schedule": 1800},
        "forget-old-recordings": {
            "task": "community.core.tasks.forget_old_recordings",
            # Nightly, and by day for machines that are off at night.
            "schedule": crontab(hour="3,11", minute=50),
        },
    },
)
