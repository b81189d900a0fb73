"""Entries that a phone may send twice or late, for lack of signal. Each counts once, by a key that the phone
chose.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from services.common.models import RequestRef, WorkSubmission


def derived_key(key: UUID, name: str) -> UUID:
    """Returns the same key for the same page key and name, and another for each name."""
    return uuid5(key, name)


def record_submission(*, key: UUID, worker: User, job: RequestRef, now: datetime) -> bool:
    """Records the key; returns False if it was recorded before. Call it in the action's transaction.

    The row is inserted first: a second request with the same key waits for the commit of the
    first, and counts as the first if that one is rolled back.
    Raises ``ActionError`` ("key_used") if the key was used by another worker or for another job.
    """
    sent, is_first = WorkSubmission.objects.get_or_create(
        key=key,
        defaults={
            "worker": worker,
            "service": job.service,
            "estate_id": job.estate_id,
            "reference": job.reference,
            "at": now,
        },
    )
    if not is_first and (sent.worker_id, sent.job) != (worker.pk, job):
        raise ActionError("key_used", _("This was sent before for another job. Please open the job again."))
    return is_first


def submit_once(
    *, key: UUID, worker: User, job: RequestRef, act: Callable[[], object], now: datetime
) -> bool:
    """Calls ``act`` unless this key was submitted before; returns whether it was called.

    A refusal is rolled back with its key, so that the phone can send the entry again.
    """
    with transaction.atomic():
        if not record_submission(key=key, worker=worker, job=job, now=now):
            return False
        act()
    return True


def was_submitted(*, key: UUID, worker: User, job: RequestRef | None = None) -> bool:
    """Whether the entry arrived before, for ``job`` if one is given.

    Without ``job`` it works for jobs that the worker no longer sees.
    """
    sent = WorkSubmission.objects.filter(key=key, worker=worker)
    if job is not None:
        sent = sent.filter(estate_id=job.estate_id, service=job.service, reference=job.reference)
    return sent.exists()
