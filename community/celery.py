"""The background work: one Celery application, its beat table beside it."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

app = Celery("linli")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-outbox": {"task": "community.notifications.tasks.sweep_outbox", "schedule": 10},
    "carry-out-help": {"task": "services.help.tasks.carry_out_due", "schedule": 10},
    "warn-of-duty-gaps": {"task": "services.help.tasks.warn_of_gaps", "schedule": 3600},
    "lapse-due-places": {"task": "services.scheduling.tasks.lapse_due", "schedule": 30},
    "make-slots-ahead": {
        "task": "services.scheduling.tasks.make_slots_ahead",
        # Nightly, and again by day for a machine that is switched off at night.
        "schedule": crontab(hour="2,8,14,20", minute=10),
    },
    "close-finished-repairs": {"task": "services.repairs.tasks.close_finished_repairs", "schedule": 600},
    "forget-old-drafts": {"task": "services.repairs.tasks.forget_old_drafts", "schedule": 3600},
    "close-served-meals": {"task": "services.care.tasks.close_served_meals", "schedule": 300},
    "forget-old-care-drafts": {"task": "services.care.tasks.forget_old_care_drafts", "schedule": 3600},
    "escalate-late-answers": {"task": "services.common.tasks.escalate_late_answers", "schedule": 60},
    "close-answered-feedback": {"task": "services.feedback.tasks.close_answered_feedback", "schedule": 600},
    "tell-of-nameless": {
        "task": "services.feedback.tasks.tell_of_nameless_feedback",
        "schedule": crontab(minute="1,31"),
    },
    "forget-loose-pictures": {"task": "services.feedback.tasks.forget_loose_pictures", "schedule": 3600},
    "remind-of-renovation": {"task": "services.renovation.tasks.remind_due", "schedule": 300},
    "tell-of-renovation-booking": {"task": "services.renovation.tasks.tell_of_campaigns", "schedule": 20},
    "fill-figures": {
        "task": "community.desk.tasks.fill_figures",
        # Nightly, and again in the morning for a machine that is switched off at night.
        "schedule": crontab(hour="0,4,7,9", minute=20),
    },
    "publish-due-notices": {"task": "community.notices.tasks.publish_due_notices", "schedule": 20},
    "ask-providers": {"task": "services.fees.tasks.ask_providers", "schedule": 30},
    "sweep-refunds": {"task": "services.fees.tasks.sweep_refunds", "schedule": 60},
    "resume-billing": {"task": "services.fees.tasks.resume_billing", "schedule": 60},
    "call-from-sandbox": {"task": "services.fees.tasks.call_from_sandbox", "schedule": 5},
    "carry-on-imports": {"task": "community.estates.tasks.sweep_imports", "schedule": 30},
    "carry-on-exports": {"task": "community.core.tasks.sweep_exports", "schedule": 30},
    "write-folded-failures": {"task": "community.core.tasks.write_folded_failures", "schedule": 300},
    "forget-unverified-people": {"task": "accounts.tasks.forget_unverified_people", "schedule": 3600},
    "forget-expired-sessions": {"task": "accounts.tasks.forget_expired_sessions", "schedule": 3600},
    "forget-unsent-forms": {"task": "community.core.tasks.forget_unsent_forms", "schedule": 1800},
    "forget-old-recordings": {
        "task": "community.core.tasks.forget_old_recordings",
        # Nightly, and again by day for a machine that is switched off at night.
        "schedule": crontab(hour="3,11", minute=50),
    },
}
