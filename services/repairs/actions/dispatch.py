"""Verbs of the dispatcher."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role, has_role
from community.core.errors import ActionError
from services.common.steps import Step
from services.repairs import policies
from services.repairs.actions.steps import STEPS, message_key, notify_open_pages, tell_worker
from services.repairs.models import Repair

Status = Repair.Status


def accept_repair(*, repair: Repair, by: User, now: datetime) -> None:
    """Accepts the repair, so that a worker can take it; a former worker is removed. Repeating it changes
    nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    STEPS.take(
        repair,
        Step("accept_repair", to=Status.ACCEPTED, tells="repair_accepted", changes={"worker": None}),
        by=by,
        now=now,
    )


def decline_repair(*, repair: Repair, by: User, reason: str, now: datetime) -> None:
    """Declines the repair, with the reason that the resident reads. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``reason_missing``) and ``AlreadyMoved``.
    """
    policies.require("decline_repair", by, repair)
    if not reason.strip():
        raise ActionError(
            "reason_missing", _("Please write why, so that the resident understands."), field="reason"
        )
    worker = repair.worker
    with transaction.atomic():
        change = STEPS.take(
            repair,
            Step("decline_repair", to=Status.DECLINED, reason=reason, tells="repair_declined", sms=True),
            by=by,
            now=now,
        )
        if change and worker:
            tell_worker(repair, worker, "job_cancelled", key=message_key(repair, change), now=now)


def assign_repair(*, repair: Repair, worker: User, by: User, now: datetime) -> None:
    """Gives the job to a worker of the estate, or to a different one; both workers are notified. Repeating it
    changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``not_a_worker``) and ``AlreadyMoved``.
    """
    policies.require("assign_repair", by, repair)
    if not has_role(worker, repair.estate_id, Role.REPAIR_WORKER):
        raise ActionError("not_a_worker", _("Please choose a repair worker of this estate."), field="worker")
    before = repair.worker
    with transaction.atomic():
        change = STEPS.take(
            repair,
            Step(
                "assign_repair",
                to=Status.ASSIGNED,
                tells="repair_assigned",
                sms=True,
                changes={"worker": worker},
            ),
            by=by,
            now=now,
        )
        if change is None:
            return
        key = message_key(repair, change)
        tell_worker(repair, worker, "job_assigned", key=key, now=now)
        if before and before != worker:
            tell_worker(repair, before, "job_cancelled", key=key, now=now)
            notify_open_pages(repair, also_worker=before.pk)
