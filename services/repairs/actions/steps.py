"""Follow-ups of every step of a repair: the clock, the messages, the open pages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from community.core import audit
from community.core.transitions import StatusChange
from community.notifications import live, outbox
from services.common import response
from services.common.actions import board_topic
from services.common.steps import StepRules, StepTaken, tell_permitted
from services.repairs import policies
from services.repairs.models import Repair


def message_key(repair: Repair, change: StatusChange) -> str:
    """Returns the key under which a step of this repair is told once."""
    return f"repair:{repair.pk}:{change.pk}"


def _keep_clock(taken: StepTaken) -> None:
    """The first act of those who work on it is the answer; what is not mended is awaited anew."""
    repair, step = taken.row, taken.step
    if not policies.VERBS[step.verb].is_for(policies.RESIDENT):
        answered(repair, now=taken.now)
    elif step.to == Repair.Status.REOPENED:
        await_answer(repair, now=taken.now)
    elif step.to == Repair.Status.CANCELLED:
        response.drop_clock(repair.ref)


def await_answer(repair: Repair, *, now: datetime) -> None:
    """Start the response clock of this repair, or leave the one that runs."""
    response.start_clock(repair.ref, now=now, url=reverse("board_repair", args=[repair.pk]))


def answered(repair: Repair, *, now: datetime) -> None:
    """Stop the response clock of this repair."""
    response.answer(repair.ref, now=now)


def acting_for(repair: Repair, verb: str, by: User) -> User | None:
    """Returns the resident if the verb is the resident's and somebody else takes it."""
    is_resident_verb = policies.VERBS[verb].is_for(policies.RESIDENT)
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
    tell_permitted(
        (resident, repair.reported_by),
        template,
        but=by,
        may=lambda person: policies.may_report_for(person, resident, estate_id=repair.estate_id),
        key=key,
        params=message_params(repair),
        url=reverse("repair", args=[repair.pk]),
        sms=sms,
        now=now,
    )


def tell_worker(repair: Repair, worker: User, template: str, *, key: str, now: datetime) -> None:
    url = reverse("work_job", args=[repair.pk])
    outbox.queue_message(worker, template, key=key, params=message_params(repair), url=url, now=now)


def message_params(repair: Repair) -> dict[str, Any]:
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


def _still_theirs(taken: StepTaken) -> dict[str, Any]:
    """A job that a colleague has been given meanwhile is not this worker's any more."""
    return {"worker": taken.by} if policies.VERBS[taken.step.verb].is_for(policies.WORKER) else {}


STEPS = StepRules(
    verbs=policies.VERBS,
    require=policies.require,
    acting_for=acting_for,
    message_key=message_key,
    tell_resident=tell_resident,
    notify_open_pages=lambda taken: notify_open_pages(taken.row),
    after_move=_keep_clock,
    only_if=_still_theirs,
)


def record_contact_shown(request: HttpRequest, repair: Repair, *, by: User) -> None:
    """Records that the resident's number was shown to somebody at work."""
    audit.record_number_read(repair, by=by, estate_id=repair.estate_id, request=request)
