"""What every step of a repair does: check, move, tell those whom it concerns."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from community.core.transitions import StatusChange
from community.notifications import live, outbox
from services.common import response, steps
from services.common.actions import board_topic
from services.repairs import KEY, policies
from services.repairs.models import Repair


def step(
    *,
    repair: Repair,
    verb: str,
    to: str,
    by: User,
    now: datetime,
    reason: str = "",
    tells: str = "",
    sms: bool = False,
    **changes: Any,
) -> StatusChange | None:
    """Take ``verb``: the move, its history and what people are told, in one transaction.

    ``tells`` names the message to the resident. Returns the history row, or None if the same
    person had already done the same. Raises ``Forbidden`` or ``AlreadyMoved``.
    """
    policies.require(verb, by, repair)
    rule = policies.VERBS[verb]

    def tell(change: StatusChange) -> None:
        _keep_clock(repair, verb, to, now)
        if tells:
            tell_resident(repair, tells, key=f"repair:{repair.pk}:{change.pk}", sms=sms, now=now, by=by)
        notify_open_pages(repair)

    return steps.step(
        repair,
        to,
        states=rule.states,
        by=by,
        now=now,
        reason=reason,
        on_behalf_of=acting_for(repair, verb, by),
        only_if={"worker": by} if rule.who == policies.WORKER else None,
        then=tell,
        **changes,
    )


def _keep_clock(repair: Repair, verb: str, to: str, now: datetime) -> None:
    """The first act of those who work on it is the answer; what is not mended is awaited anew."""
    if policies.VERBS[verb].who != policies.RESIDENT:
        answered(repair, now=now)
    elif to == Repair.Status.REOPENED:
        await_answer(repair, now=now)
    elif to == Repair.Status.CANCELLED:
        response.drop_clock(estate=repair.estate_id, service=KEY, reference=repair.reference)


def await_answer(repair: Repair, *, now: datetime) -> None:
    response.start_clock(
        estate=repair.estate,
        service=KEY,
        reference=repair.reference,
        now=now,
        url=reverse("board_repair", args=[repair.pk]),
    )


def answered(repair: Repair, *, now: datetime) -> None:
    response.answer(estate=repair.estate_id, service=KEY, reference=repair.reference, now=now)


def acting_for(repair: Repair, verb: str, by: User) -> User | None:
    """For whom: the resident, where somebody else does what is the resident's to do."""
    is_resident_verb = policies.VERBS[verb].who == policies.RESIDENT
    return repair.resident if is_resident_verb and by.pk != repair.resident_id else None


def tell_resident(
    repair: Repair, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """The resident, and whoever reported it for them; not the one who has just done it.

    Nobody, where the resident has moved out and no household follows it: the desk does.
    """
    if policies.has_been_left(repair):
        return
    resident = repair.resident
    steps.tell_both(
        (resident, repair.reported_by),
        template,
        but=by,
        may=lambda person: policies.may_report_for(person, resident, estate_id=repair.estate_id),
        key=key,
        params=told(repair),
        url=reverse("repair", args=[repair.pk]),
        sms=sms,
        now=now,
    )


def tell_worker(repair: Repair, worker: User, template: str, *, key: str, now: datetime) -> None:
    url = reverse("work_job", args=[repair.pk])
    outbox.queue_message(worker, template, key=key, params=told(repair), url=url, now=now)


def told(repair: Repair) -> dict[str, Any]:
    """The parameters of every message about a repair; nothing that somebody wrote freely."""
    return {
        "reference": repair.reference,
        "what": repair.category.name,
        "worker": repair.worker.name if repair.worker else "",
        "fen": repair.quote_fen or 0,
    }


def notify_open_pages(repair: Repair, *, also: int | None = None) -> None:
    """Open pages of the resident, the board and the worker are told. Last in a transaction."""
    topics = {repair.live_topic, board_topic(repair.estate_id)}
    topics |= {f"resident:{person}" for person in (repair.resident_id, repair.reported_by_id)}
    topics |= {f"worker:{worker}" for worker in (repair.worker_id, also) if worker}
    live.notify_open_pages(*topics)
