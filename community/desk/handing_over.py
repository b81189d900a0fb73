"""What waits on a member of staff who leaves, and who takes it over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from community.core.errors import ActionError
from services.care import actions as care
from services.care.models import CareBooking
from services.help import actions as help_calls
from services.help.models import DutyShift
from services.repairs import actions as repairs
from services.repairs.models import Repair
from services.repairs.policies import VERBS

MOVABLE = VERBS["assign_repair"].states
Role = StaffRole.Role


@dataclass(frozen=True)
class Waiting:
    """Jobs, visits and hours of duty of one person. Jobs that are ``begun`` nobody else can be given."""

    jobs: list[Repair]
    begun: list[Repair]
    visits: list[CareBooking]
    shifts: list[DutyShift]


def waits_on(person: User) -> Waiting:
    jobs = list(Repair.objects.in_hand().filter(worker=person).select_related("category", "estate"))
    visits = CareBooking.objects.open().filter(carer=person)
    return Waiting(
        jobs=[job for job in jobs if job.status in MOVABLE],
        begun=[job for job in jobs if job.status not in MOVABLE],
        visits=list(visits.select_related("service", "estate", "place__slot")),
        shifts=list(DutyShift.objects.filter(user=person).select_related("estate", "user")),
    )


def colleagues_of(person: User, estates: Collection[int], *roles: str) -> QuerySet[User]:
    """Who else works in one of these estates, in one of these roles if any is named."""
    held = StaffRole.objects.filter(estate__in=estates, user__is_active=True)
    if roles:
        held = held.filter(role__in=roles)
    return User.objects.filter(pk__in=held.values("user")).exclude(pk=person.pk).order_by("name", "pk")


def hand_over(
    *,
    waiting: Waiting,
    jobs_to: User | None,
    visits_to: User | None,
    shifts_to: User | None,
    by: User,
    now: datetime,
) -> None:
    """By the services' own actions. A job needs somebody; visits and duty of nobody show on the start page."""
    if waiting.begun:
        words = _("Work has begun on %(jobs)s. Let it be finished first.")
        raise ActionError("begun", words % {"jobs": "、".join(job.reference for job in waiting.begun)})
    if waiting.jobs and jobs_to is None:
        raise ActionError("nobody_chosen", _("Please choose who takes the jobs."), field="jobs_to")
    for job in waiting.jobs:
        assert jobs_to is not None
        repairs.assign_repair(repair=job, worker=jobs_to, by=by, now=now)
    for visit in waiting.visits:
        care.arrange_visit(booking=visit, carer=visits_to, by=by, now=now)
    for shift in waiting.shifts:
        if shifts_to is None:
            help_calls.remove_shift(shift=shift, by=by)
        else:
            help_calls.hand_shift_over(shift=shift, user=shifts_to, by=by)
