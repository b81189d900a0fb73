"""Steps that are due on unanswered calls and on calls without an outcome; each is taken once.

The beat task takes them every ten seconds, and so does every poll of an open page: a dead worker or a lost
broker must not leave an elder alone. The unique row of a step decides which process takes it; its messages
are written in the same transaction. An SMS that the workers do not fetch is sent from here: better twice than
never.
"""

import logging
import time
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.core.sweeps import sweep_rows
from community.estates.models import Estate
from community.notifications import delivery, outbox
from community.notifications.models import OutboxMessage
from services.help import duty_roster
from services.help.actions.notifications import (
    family_of,
    notify_open_pages,
    tell_family,
    tell_staff,
    tell_unfinished,
)
from services.help.models import HelpCall, HelpStep
from services.help.models.calls import FAMILY_AFTER, MAX_LEVELS, NEXT_PERSON_AFTER, REMINDED_AFTER

logger = logging.getLogger(__name__)

# Calls handled in one check; the next check takes the rest.
MAX_CALLS = 50
# Age at which a message that no worker has fetched is sent by the next check.
LATE_AFTER = timedelta(seconds=5)
# Age after which a late message is no longer sent from here.
FORGOTTEN_AFTER = timedelta(hours=2)
# Late messages sent in one check.
MAX_MESSAGES = 5
# Changes of home in one call that are sent by SMS.
MAX_PLACES = 10
# Seconds between two checks of one process, however many pages poll.
SECONDS_BETWEEN = 1.0
_last_check = 0.0
_push_lock = Lock()


def carry_out_due(now: datetime) -> int:
    """Takes all steps that are due on open calls; returns how many this process took.

    Calls whose next person on duty must be notified come first, then real calls before drills and the newest
    first, so that finished or failing calls hold up no other.
    """
    calls = list(HelpCall.objects.escalating(now).with_people().prefetch_related("steps"))
    calls.sort(key=lambda call: not _due_levels(call, {step.key for step in call.steps.all()}, now))
    taken = sweep_rows(
        calls[:MAX_CALLS],
        lambda call: escalate_call(call, now),
        failing="help: what is due for call %s could not be carried out",
    )
    return taken + sweep_rows(
        HelpCall.objects.to_remind(now).with_people()[:MAX_CALLS],
        lambda call: _remind(call, now),
        failing="help: nobody could be reminded of call %s",
    )


def _due_levels(call: HelpCall, done: set[str], now: datetime) -> list[int]:
    """Returns the positions in the chain of duty that must be notified and were not."""
    level = min(1 + int((now - call.called_at) / NEXT_PERSON_AFTER), MAX_LEVELS)
    return [number for number in range(1, level + 1) if call.key_of(f"duty:{number}") not in done]


def escalate_call(call: HelpCall, now: datetime) -> int:
    """Takes the due steps of a call: one more person on duty each minute, and the family after the first.

    Returns how many this process took.
    """
    done = set(call.steps.values_list("key", flat=True))
    numbers = _due_levels(call, done, now)
    people = duty_roster.chain(call.estate, now) if numbers else []
    taken = 0
    for number in numbers:
        person = people[(number - 1) % len(people)] if people else None
        taken += _take_step(call, call.key_of(f"duty:{number}"), person, now, level=number)
    # A second call means that help has not come: the family is notified at once.
    if (now - call.called_at >= FAMILY_AFTER or call.round > 1) and not call.is_drill:
        for person in family_of(call):
            key = call.key_of(f"family:{person.pk}")
            if key not in done:
                taken += _take_step(call, key, person, now)
    return taken


def _take_step(call: HelpCall, key: str, person: User | None, now: datetime, *, level: int = 0) -> bool:
    """Takes a step if it is still due and was not taken; otherwise returns False and writes nothing.

    An error for one person does not keep the others from being notified: the step is tried again.
    """
    # The home must be the one in the message: it may have changed since the call was read.
    waiting = HelpCall.objects.unanswered().filter(pk=call.pk, round=call.round, home=call.home_id)
    highest = Greatest(F("escalation_level"), Value(level))
    try:
        with transaction.atomic():
            # Locks the row: an answer that came first leaves nothing to update.
            if not waiting.update(escalation_level=highest):
                return False
            step = HelpStep.objects.create(call=call, key=key, told=person, at=now)
            if person is not None and step.is_of_family:
                tell_family(call, [person], "help_family", key=key, now=now)
            elif person is not None:
                tell_staff(call, person, key=key, now=now)
            notify_open_pages(call)
    except IntegrityError:
        return False
    except Exception:
        logger.exception("help: step %s of call %s could not be taken", key, call.pk)
        return False
    call.escalation_level = max(call.escalation_level, level)
    return True


def tell_again(call: HelpCall, former: User, now: datetime) -> None:
    """Notifies the former responder that help is called for again.

    Does nothing if they are first on duty, since the first step has notified them.
    """
    if not call.steps.filter(key=call.key_of("duty:1"), told=former).exists():
        _take_step(call, f"again:{call.round}", former, now)


def tell_new_place(call: HelpCall, now: datetime) -> None:
    """Notifies the responder that the resident is in another home.

    Without a responder, notifies everyone who was notified of the former home. After ``MAX_PLACES`` changes
    only the board shows it. Call it in the transaction that wrote the home. An error for one person undoes
    nothing: the board shows it.
    """
    if call.additions > MAX_PLACES:
        return
    steps = call.steps.filter(at__gte=call.called_at).exclude(key__startswith="family")
    notified = [step.told for step in steps.select_related("told") if step.told is not None]
    people = [call.responder] if call.responder else notified
    for person in dict.fromkeys(people):
        key = f"place{call.additions}:{person.pk}"
        try:
            with transaction.atomic():
                HelpStep.objects.create(call=call, key=key, told=person, at=now)
                tell_staff(call, person, key=key, now=now)
        except Exception:
            logger.exception("help: %s could not be told of call %s", person.pk, call.pk)


def _people_to_remind(call: HelpCall) -> list[User]:
    """Returns the responder and the desk, each once."""
    people = [*([call.responder] if call.responder else []), *duty_roster.at_desk(call.estate)]
    return list({person.pk: person for person in people}.values())


def _remind(call: HelpCall, now: datetime) -> int:
    """Reminds the responder and the desk to write the outcome; the first time only open pages change.

    Returns the number of messages.
    """
    number = sum(now - call.status_changed_at >= after for after in REMINDED_AFTER)
    since = call.status_changed_at
    unchanged = HelpCall.objects.filter(
        pk=call.pk, status=call.status, status_changed_at=since, reminded=call.reminded
    )
    with transaction.atomic():
        if not unchanged.update(reminded=number):
            return 0
        people = _people_to_remind(call) if number > 1 else []
        for person in people:
            key = f"remind:{since.timestamp():.0f}:{number}:{person.pk}"
            HelpStep.objects.create(call=call, key=key, told=person, at=now)
            tell_unfinished(call, person, key=key, now=now)
        notify_open_pages(call)
    return len(people)


def _late_messages(now: datetime) -> Any:
    """Returns messages about calls that workers should have sent, and those whose sending was interrupted."""
    written = OutboxMessage.objects.filter(
        template__startswith="help_", created_at__range=(now - FORGOTTEN_AFTER, now - LATE_AFTER)
    )
    return written.due(now) | written.cut_short(now) | written.to_ask_about(now)


def push_messages(now: datetime) -> int:
    """Sends late messages; interrupted ones are sent again, even if they may have arrived. Returns how many."""
    waiting = list(
        _late_messages(now).order_by("created_at", "pk").values_list("pk", flat=True)[:MAX_MESSAGES]
    )
    # Filtered again: a recovered worker may have sent or taken a message since the query.
    cut = OutboxMessage.objects.cut_short(now) | OutboxMessage.objects.to_ask_about(now)
    cut.filter(pk__in=waiting).update(status=OutboxMessage.Status.PENDING, next_try_at=now)
    sweep_rows(
        waiting, lambda pk: delivery.deliver(pk, now=now), failing="help: message %s could not be sent"
    )
    return len(waiting)


def carry_out_on_poll(now: datetime) -> None:
    """Takes due steps when an open page polls (handler of ``page_polled``), at most once a second in each
    process.

    An error is logged and never reaches the page.
    """
    global _last_check  # noqa: PLW0603  (one check a second in each process)
    if time.monotonic() - _last_check < SECONDS_BETWEEN:
        return
    _last_check = time.monotonic()
    try:
        carry_out_due(now)
        if _late_messages(now).exists() and _push_lock.acquire(blocking=False):
            Thread(target=_push_in_thread, args=[now], daemon=True).start()
    except Exception:
        logger.exception("help: what is due could not be carried out")


def _push_in_thread(now: datetime) -> None:
    """Sends late messages in a thread, so that a slow gateway does not block the page that polled."""
    try:
        push_messages(now)
    except Exception:
        logger.exception("help: what is late could not be sent")
    finally:
        _push_lock.release()
        connections.close_all()


def warn_of_gaps(now: datetime) -> int:
    """Notifies managers, once a day, of coming hours without duty; returns the number of messages."""
    estates = list(Estate.objects.all())
    warned = 0
    for estate_pk, spans in duty_roster.gaps(estates, now).items():
        if not spans:
            continue
        params = {
            "hours": sum(span.hours for span in spans),
            "when": f"{clock.local(max(spans[0].starts, now)):%m-%d %H:00}",
        }
        key = f"help:gaps:{estate_pk}:{clock.today(now):%y%m%d}"
        managers = User.objects.filter(
            staff_roles__estate=estate_pk, staff_roles__role=Role.MANAGER, is_active=True
        )
        with transaction.atomic():
            for manager in managers:
                outbox.queue_message(
                    manager, "help_duty_gap", key=key, params=params, url="/staff/help/duty/", now=now
                )
                warned += 1
    return warned
