"""The dispatcher's verbs."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role, has_role
from community.core.errors import ActionError
from services.repairs import policies
from services.repairs.actions.steps import notify_open_pages, step, tell_worker
from services.repairs.models import Repair

Status = Repair.Status


def accept_repair(*, repair: Repair, by: User, now: datetime) -> None:
    """The estate will see to it; from now on a worker can take it."""
    step(
        repair=repair,
        verb="accept_repair",
        to=Status.ACCEPTED,
        by=by,
        now=now,
        tells="repair_accepted",
        worker=None,
    )


def decline_repair(*, repair: Repair, by: User, reason: str, now: datetime) -> None:
    """It is not the estate's to mend; the resident reads why."""
    policies.require("decline_repair", by, repair)
    if not reason.strip():
        raise ActionError(
            "reason_missing", _("Please write why, so that the resident understands."), field="reason"
        )
    worker = repair.worker
    with transaction.atomic():
        change = step(
            repair=repair,
            verb="decline_repair",
            to=Status.DECLINED,
            by=by,
            now=now,
            reason=reason,
            tells="repair_declined",
            sms=True,
        )
        if change and worker:
            tell_worker(repair, worker, "job_cancelled", key=f"repair:{repair.pk}:{change.pk}", now=now)


def assign_repair(*, repair: Repair, worker: User, by: User, now: datetime) -> None:
    """Give the job to a worker of the estate, or to another one than before."""
    policies.require("assign_repair", by, repair)
    if not has_role(worker, repair.estate_id, Role.REPAIR_WORKER):
        raise ActionError("not_a_worker", _("Please choose a repair worker of this estate."), field="worker")
    before = repair.worker
    with transaction.atomic():
        change = step(
            repair=repair,
            verb="assign_repair",
            to=Status.ASSIGNED,
            by=by,
            now=now,
            tells="repair_assigned",
            sms=True,
            worker=worker,
        )
        if change is None:
            return
        key = f"repair:{repair.pk}:{change.pk}"
        tell_worker(repair, worker, "job_assigned", key=key, now=now)
        if before and before != worker:
            tell_worker(repair, before, "job_cancelled", key=key, now=now)
            notify_open_pages(repair, also=before.pk)
