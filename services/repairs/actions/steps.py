"""Follow-ups of every step of a repair: the response clock, messages and open pages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from community.core import audit
from community.core.transitions import StatusChange
from community.notifications import live, outbox
from services.common import response_clock
from services.common.actions import board_topic
from services.common.steps import StepRules, StepTaken, tell_permitted
from services.repairs import policies
from services.repairs.models import Repair


def message_key(repair: Repair, change: StatusChange) -> str:
    """Returns the key of messages about this step, so that each is sent once."""
    return f"repair:{repair.pk}:{change.pk}"


def _update_clock(taken: StepTaken) -> None:
    """Starts, stops or deletes the response clock: the first act of staff is the answer, reopening starts it
    anew.
    """
    repair, step = taken.row, taken.step
    if not policies.VERBS[step.verb].is_for(policies.RESIDENT_SIDE):
        stop_clock(repair, now=taken.now)
    elif step.to == Repair.Status.REOPENED:
        start_clock(repair, now=taken.now)
    elif step.to == Repair.Status.CANCELLED:
        response_clock.drop_clock(repair.ref)


def start_clock(repair: Repair, *, now: datetime) -> None:
    """Starts the response clock of this repair; one that runs goes on."""
    response_clock.start_clock(repair.ref, now=now, url=reverse("board_repair", args=[repair.pk]))


def stop_clock(repair: Repair, *, now: datetime) -> None:
    """Stops the response clock of this repair. Repeating it changes nothing."""
    response_clock.stop_clock(repair.ref, now=now)


def acting_for(repair: Repair, verb: str, by: User) -> User | None:
    """Returns the resident if the verb is the resident's and another person takes it."""
    is_resident_verb = policies.VERBS[verb].is_for(policies.RESIDENT_SIDE)
    return repair.resident if is_resident_verb and by.pk != repair.resident_id else None


def tell_resident(
    repair: Repair, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """Notifies the resident and the person who reported for them, except ``by``, who has just acted.

    Notifies no one if the resident has moved out and no household follows the repair: the desk does.
    """
    if policies.resident_has_left(repair):
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


def tell_worker(
    repair: Repair, worker: User, template: str, *, key: str, fen: int = 0, now: datetime
) -> None:
    """Notifies the worker, with a link to the job; ``fen`` is the price that it is about, if not the repair's."""
    url = reverse("work_job", args=[repair.pk])
    params = message_params(repair) | ({"fen": fen} if fen else {})
    outbox.queue_message(worker, template, key=key, params=params, url=url, now=now)


def message_params(repair: Repair) -> dict[str, Any]:
    """Returns the parameters of every message about a repair, without text that people wrote freely."""
    return {
        "reference": repair.reference,
        "what": repair.category.name,
        "worker": repair.worker.name if repair.worker else "",
        "fen": repair.quote_fen or 0,
    }


def notify_open_pages(repair: Repair, *, also_worker: int | None = None) -> None:
    """Notifies open pages of the residents, the board and the workers; ``also_worker`` is the id
    of another worker, such as the former one.

    Call it last in the transaction.
    """
    topics = {repair.live_topic, board_topic(repair.estate_id)}
    topics |= {f"resident:{person}" for person in (repair.resident_id, repair.reported_by_id)}
    topics |= {f"worker:{worker}" for worker in (repair.worker_id, also_worker) if worker}
    live.notify_open_pages(*topics)


def _only_own_jobs(taken: StepTaken) -> dict[str, Any]:
    """Returns a condition on the row: a verb of the worker needs ``by`` as the worker still."""
    return {"worker": taken.by} if policies.VERBS[taken.step.verb].is_for(policies.WORKER) else {}


STEPS = StepRules(
    verbs=policies.VERBS,
    require=policies.require,
    acting_for=acting_for,
    message_key=message_key,
    tell_resident=tell_resident,
    notify_open_pages=lambda taken: notify_open_pages(taken.row),
    after_move=_update_clock,
    only_if=_only_own_jobs,
)


def record_number_read(request: HttpRequest, repair: Repair, *, by: User) -> None:
    """Records that the resident's number was shown to a member of staff."""
    audit.record_number_read(repair, by=by, estate_id=repair.estate_id, request=request)
