"""What a worker's phone sends, perhaps more than once: after a basement without signal nobody knows
whether the first try arrived. It counts once, by a key that the phone chose."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role, estates_of
from community.core.errors import ActionError
from community.notifications import live
from services.common.actions import board_topic
from services.repairs.models import PhoneQueue, Repair, WorkerSubmission


def once(*, key: UUID, worker: User, repair: Repair, now: datetime) -> bool:
    """Whether this is the first time. Call it in the transaction of the act.

    The row is inserted first: a second request with the same key waits for the commit of the
    first, and if that one is rolled back, is the first itself.
    """
    sent, is_first = WorkerSubmission.objects.get_or_create(
        key=key, defaults={"worker": worker, "repair": repair, "at": now}
    )
    if not is_first and (sent.worker_id, sent.repair_id) != (worker.pk, repair.pk):
        raise ActionError("key_used", _("This was sent before for another job. Please open the job again."))
    return is_first


def submit_once(*, key: UUID, worker: User, repair: Repair, act: Callable[[], object], now: datetime) -> bool:
    """Act unless it was done already; a refusal leaves no trace, so that it can be tried again."""
    with transaction.atomic():
        if not once(key=key, worker=worker, repair=repair, now=now):
            return False
        act()
    return True


def was_sent(*, key: UUID, worker: User) -> bool:
    """Whether it has arrived before; the job may be out of the worker's sight since."""
    return WorkerSubmission.objects.filter(key=key, worker=worker).exists()


def tell_what_waits(*, worker: User, waiting: int, refused: int, since: datetime, now: datetime) -> None:
    """Note what has not arrived from a worker's phone, for the board; nothing waits: nothing is noted."""
    with transaction.atomic():
        if waiting or refused:
            given = {"waiting": waiting, "refused": refused, "since": min(since, now), "seen_at": now}
            PhoneQueue.objects.update_or_create(worker=worker, defaults=given)
        else:
            PhoneQueue.objects.filter(worker=worker).delete()
        for estate in estates_of(worker, Role.REPAIR_WORKER):
            live.notify_open_pages(board_topic(estate.pk))
