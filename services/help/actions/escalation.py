"""What is due while nobody answers, or nobody says how it ended, each step once, whoever carries it out.

The beat task does it every ten seconds, and so does every open page that asks what is new: a dead
worker, or a broker that is gone, must not leave an elder alone. The unique row of a step decides who
does it; the messages that it causes are written in its transaction. An SMS that the workers do not
fetch is sent from here: rather twice than never.
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
from services.help import duty
from services.help.actions.notify import (
    family_of,
    notify_open_pages,
    tell_family,
    tell_staff,
    tell_unfinished,
)
from services.help.models import HelpCall, HelpStep
from services.help.models.calls import EVERY, MOST_LEVELS, REMINDED_AFTER

logger = logging.getLogger(__name__)

# At one look; the next one takes those who had to wait.
MOST_CALLS = 50
# A message that the workers have not fetched for so long is sent by whoever asks next.
LATE = timedelta(seconds=5)
FORGOTTEN_AFTER = timedelta(hours=2)
MOST_MESSAGES = 5
# So often at most another home of one call is told by SMS.
MOST_PLACES = 10
# However many pages ask, one process looks once a second.
SECONDS_BETWEEN = 1.0
_looked = 0.0
_pushing = Lock()


def carry_out_due(now: datetime) -> int:
    """Every step of every open call that is due; says how many were taken here.

    In earnest before drills, the newest first, and before them all whose next on duty is to be told: calls
    from which nothing is left to be done, and one that goes wrong, hold up no other.
    """
    calls = list(HelpCall.objects.escalating(now).with_people().prefetch_related("steps"))
    calls.sort(key=lambda call: not _numbers(call, {step.key for step in call.steps.all()}, now))
    taken = sweep_rows(
        calls[:MOST_CALLS],
        lambda call: carry_out(call, now),
        failing="help: what is due for call %s could not be carried out",
    )
    return taken + sweep_rows(
        HelpCall.objects.to_remind(now).with_people()[:MOST_CALLS],
        lambda call: _remind(call, now),
        failing="help: nobody could be reminded of call %s",
    )


def _numbers(call: HelpCall, done: set[str], now: datetime) -> list[int]:
    """Who on duty is to be told, by their place in the chain."""
    level = min(1 + int((now - call.called_at) / EVERY), MOST_LEVELS)
    return [number for number in range(1, level + 1) if call.key_of(f"duty:{number}") not in done]


def carry_out(call: HelpCall, now: datetime) -> int:
    """The steps of one call: the next on duty each minute, and after the first one the family."""
    done = set(call.steps.values_list("key", flat=True))
    numbers = _numbers(call, done, now)
    people = duty.chain(call.estate, now) if numbers else []
    taken = 0
    for number in numbers:
        person = people[(number - 1) % len(people)] if people else None
        taken += _step(call, call.key_of(f"duty:{number}"), person, now, level=number)
    # Whoever calls a second time has waited for somebody already.
    if (now - call.called_at >= EVERY or call.round > 1) and not call.is_drill:
        for person in family_of(call):
            key = call.key_of(f"family:{person.pk}")
            if key not in done:
                taken += _step(call, key, person, now)
    return taken


def _step(call: HelpCall, key: str, person: User | None, now: datetime, *, level: int = 0) -> bool:
    """Take one step, if it is still due and nobody has; False otherwise, and nothing was written.

    One person who cannot be told does not keep the others from it: the step is tried again.
    """
    # Of the home that the message names: they may have said another one since the call was read.
    waiting = HelpCall.objects.unanswered().filter(pk=call.pk, round=call.round, home=call.home_id)
    highest = Greatest(F("escalation_level"), Value(level))
    try:
        with transaction.atomic():
            # Who answers meanwhile waits for this row, or we for theirs: then there is nothing to do.
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


def tell_again(call: HelpCall, went: User, now: datetime) -> None:
    """Who was to come: they call again. Unless it is the first on duty, who was told just now."""
    if not call.steps.filter(key=call.key_of("duty:1"), told=went).exists():
        _step(call, f"again:{call.round}", went, now)


def tell_place(call: HelpCall, now: datetime) -> None:
    """They are in another home: who goes, or else whoever was told of the first one, hears of it at once.

    From one home to the other and back without end, and the board alone shows it. In the transaction that
    wrote the home. One who cannot be told undoes nothing: the board shows it.
    """
    if call.additions > MOST_PLACES:
        return
    told = call.steps.filter(at__gte=call.called_at).exclude(key__startswith="family")
    sent_wrong = [step.told for step in told.select_related("told") if step.told is not None]
    people = [call.responder] if call.responder else sent_wrong
    for person in dict.fromkeys(people):
        key = f"place{call.additions}:{person.pk}"
        try:
            with transaction.atomic():
                HelpStep.objects.create(call=call, key=key, told=person, at=now)
                tell_staff(call, person, key=key, now=now)
        except Exception:
            logger.exception("help: %s could not be told of call %s", person.pk, call.pk)


def _to_ask(call: HelpCall) -> list[User]:
    people = [*([call.responder] if call.responder else []), *duty.at_desk(call.estate)]
    return list({person.pk: person for person in people}.values())


def _remind(call: HelpCall, now: datetime) -> int:
    """How did it end? Ask who goes and the desk, each time once; first of all their open pages change."""
    number = sum(now - call.status_changed_at >= after for after in REMINDED_AFTER)
    since = call.status_changed_at
    still = HelpCall.objects.filter(
        pk=call.pk, status=call.status, status_changed_at=since, reminded=call.reminded
    )
    with transaction.atomic():
        if not still.update(reminded=number):
            return 0
        asked = _to_ask(call) if number > 1 else []
        for person in asked:
            key = f"remind:{since.timestamp():.0f}:{number}:{person.pk}"
            HelpStep.objects.create(call=call, key=key, told=person, at=now)
            tell_unfinished(call, person, key=key, now=now)
        notify_open_pages(call)
    return len(asked)


def _late(now: datetime) -> Any:
    """Messages about calls that the workers should have sent, and those that were cut in the middle."""
    written = OutboxMessage.objects.filter(
        template__startswith="help_", created_at__range=(now - FORGOTTEN_AFTER, now - LATE)
    )
    return written.due(now) | written.cut_short(now) | written.to_ask_about(now)


def push_messages(now: datetime) -> int:
    """Send what is late; what was cut in the middle goes out again, whether it had arrived or not."""
    waiting = list(_late(now).order_by("created_at", "pk").values_list("pk", flat=True)[:MOST_MESSAGES])
    # Only what is cut still: a worker that came back may have sent it, or taken it, since we looked.
    cut = OutboxMessage.objects.cut_short(now) | OutboxMessage.objects.to_ask_about(now)
    cut.filter(pk__in=waiting).update(status=OutboxMessage.Status.PENDING, next_try_at=now)
    sweep_rows(
        waiting, lambda pk: delivery.deliver(pk, now=now), failing="help: message %s could not be sent"
    )
    return len(waiting)


def look_after(now: datetime) -> None:
    """What an open page brings about by asking. Whatever goes wrong here is not the page's fault."""
    global _looked  # noqa: PLW0603  (one look a second in each process)
    if time.monotonic() - _looked < SECONDS_BETWEEN:
        return
    _looked = time.monotonic()
    try:
        carry_out_due(now)
        if _late(now).exists() and _pushing.acquire(blocking=False):
            Thread(target=_push, args=[now], daemon=True).start()
    except Exception:
        logger.exception("help: what is due could not be carried out")


def _push(now: datetime) -> None:
    """In a thread of its own: a gateway that hangs must not hold the page that asked."""
    try:
        push_messages(now)
    except Exception:
        logger.exception("help: what is late could not be sent")
    finally:
        _pushing.release()
        connections.close_all()


def warn_of_gaps(now: datetime) -> int:
    """Tell the managers, once a day, of the hours to come without anybody on duty."""
    estates = list(Estate.objects.all())
    warned = 0
    for estate_pk, spans in duty.gaps(estates, now).items():
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
