"""What the clock does with repairs."""

from datetime import timedelta

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.repairs import actions
from services.repairs.models import Repair, RepairDraft

DRAFTS_KEPT = timedelta(days=7)


@shared_task
def close_finished_repairs() -> int:
    """Close what was mended a week ago and not contradicted."""
    now = clock.now()
    due = Repair.objects.to_close(now).with_people()
    return sweep_rows(
        due[:500],
        lambda repair: actions.close_unanswered(repair=repair, now=now),
        failing="repairs: %s could not be closed",
    )


@shared_task
def forget_old_drafts() -> int:
    """Delete reports that were begun and never sent, with their files."""
    old = RepairDraft.objects.filter(repair=None, created_at__lt=clock.now() - DRAFTS_KEPT)[:500]
    for draft in old:
        actions.discard_draft(draft)
    return len(old)
