"""Declaration of the core."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from community.core import interrupted_forms, retention, speech
from community.core.backups import keeping
from community.core.columns import COLUMNS
from community.core.services import App, MenuGroup, MenuItem, Retention

APP = App(
    admin_menu=(
        MenuGroup(
            130,
            _("Audit"),
            (
                MenuItem(_("Audit records"), "policy", "core.auditrecord"),
                MenuItem(_("Nightly deletions"), "auto_delete", "core.retentionday"),
            ),
        ),
    ),
    columns=COLUMNS,
    metrics=keeping.age,
    retention=(
        Retention(
            "read_aloud",
            _("recordings of texts read aloud"),
            _("30 days"),
            lambda now: speech.forget_recordings(before=now - speech.RECORDINGS_KEPT),
        ),
        Retention("unsent_forms", _("forms kept over a sign-in"), _("an hour"), interrupted_forms.forget_old),
        Retention("orphaned_files", _("files without a row"), _("2 days"), retention.delete_orphaned_files),
    ),
    beat={
        "carry-out-retention": {
            "task": "community.core.tasks.carry_out_retention",
            # Nightly, and by day for machines that are off at night.
            "schedule": crontab(hour="3,11", minute=20),
        },
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
