"""Hand-over of the jobs of a worker who leaves."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.policies import Role
from community.core.errors import ActionError
from community.core.services.staff import Assigned, Handover
from services.repairs import actions
from services.repairs.models import Repair
from services.repairs.policies import VERBS

MOVABLE = VERBS["assign_repair"].states


def _jobs_of(person: User) -> Assigned:
    """Returns the person's jobs in hand; only those that can be assigned anew can be handed over."""
    jobs = list(Repair.objects.in_hand().filter(worker=person).select_related("category", "estate"))
    return Assigned(
        rows=[job for job in jobs if job.status in MOVABLE],
        begun=[job for job in jobs if job.status not in MOVABLE],
    )


def _hand_over(*, rows: Sequence[Repair], to: User | None, by: User, now: datetime) -> None:
    """Assigns the jobs. Raises ``ActionError`` (``nobody_chosen``) without a new worker."""
    if rows and to is None:
        raise ActionError("nobody_chosen", _("Please choose who takes the jobs."), field="jobs_to")
    for job in rows:
        assert to is not None
        actions.assign_repair(repair=job, worker=to, by=by, now=now)


HANDOVER = Handover(
    position=10,
    key="jobs",
    title=pgettext_lazy("tab", "Jobs"),
    question=gettext_lazy("Who takes the jobs?"),
    empty="---------",
    roles=(Role.REPAIR_WORKER,),
    template="repairs/staff/handover.html",
    find=_jobs_of,
    take=_hand_over,
)
