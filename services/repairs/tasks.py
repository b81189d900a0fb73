"""Scheduled tasks of repairs."""

from datetime import timedelta

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.repairs import actions
from services.repairs.models import Repair, RepairDraft

DRAFTS_KEPT = timedelta(days=7)


@shared_task
def close_finished_repairs() -> int:
    """Closes repairs that were finished a week ago and not contradicted; returns how many."""
    now = clock.now()
    due = Repair.objects.to_close(now).with_people()
    return sweep_rows(
        due[:500],
        lambda repair: actions.close_unanswered(repair=repair, now=now),
        failing="repairs: %s could not be closed",
    )


@shared_task
def forget_old_drafts() -> int:
    """Deletes drafts that were never sent, with their files, after ``DRAFTS_KEPT``; returns how many."""
    old = RepairDraft.objects.filter(repair=None, created_at__lt=clock.now() - DRAFTS_KEPT)[:500]
    for draft in old:
        actions.discard_draft(draft)
    return len(old)
