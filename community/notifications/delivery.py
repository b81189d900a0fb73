"""Delivers messages of the outbox.

The inbox row and the status "sent" are one transaction, so a message is there exactly once. For an SMS, the
message is claimed for a minute in a transaction of its own before the gateway is called; the result is
written afterwards. An expired claim means that the sender died: the message is uncertain, and the gateway is
queried before it is sent again. ``tries`` counts the claims and distinguishes late answers to earlier ones.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from community.core import changes, clock
from community.notifications import live, messages, sms
from community.notifications.models import InboxNotice, OutboxMessage

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status
BACK_OFF = [
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
]
# How long an uncertain message is queried before it fails and staff see it.
ASKED_FOR = timedelta(days=1)
ASK_AGAIN = timedelta(minutes=5)
SWEEP_SECONDS = 8.0
SWEEP_MESSAGES = 500


def deliver(pk: int, *, now: datetime) -> None:
    """Delivers one message if it is due and not claimed by another worker."""
    message = OutboxMessage.objects.due(now).filter(pk=pk).select_related("recipient").first()
    if message is None:
        return
    if message.channel == OutboxMessage.Channel.INBOX:
        _put_into_inbox(message, now=now)
    elif _claim(message, now=now):
        _send_sms(message)


def sweep(*, now: datetime) -> None:
    """Delivers messages that the queue lost or that are due again, and queries uncertain ones."""
    began = time.monotonic()
    OutboxMessage.objects.cut_short(now).update(status=Status.UNCERTAIN, next_try_at=now)
    jobs = [(_query_gateway, pk) for pk in _oldest(OutboxMessage.objects.to_ask_about(now))]
    jobs += [(deliver, pk) for pk in _oldest(OutboxMessage.objects.due(now))]
    for job, pk in jobs:
        passed = time.monotonic() - began
        if passed > SWEEP_SECONDS:
            break
        at = now + timedelta(seconds=passed)
        try:
            job(pk, now=at)
        except Exception as error:
            logger.exception("outbox: %s could not be delivered", pk)
            _delay(pk, error, now=at)


def _delay(pk: int, error: Exception, *, now: datetime) -> None:
    """Delays a message after an unexpected error, so that sound ones go first; after a day it fails and staff
    see it.

    A claimed message stays claimed: the gateway may have it and is queried when the claim expires.
    """
    mine = OutboxMessage.objects.filter(pk=pk, status__in=[Status.PENDING, Status.UNCERTAIN])
    said = f"unexpected: {type(error).__name__}"
    if not mine.filter(created_at__lt=now - ASKED_FOR).update(status=Status.FAILED, error=said):
        mine.update(next_try_at=now + ASK_AGAIN, error=said)


def _oldest(waiting: Any) -> list[int]:
    return list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True)[:SWEEP_MESSAGES])


def _put_into_inbox(message: OutboxMessage, *, now: datetime) -> None:
    """Writes the inbox row; the conditional update of the status decides between two workers."""
    with transaction.atomic():
        mine = OutboxMessage.objects.filter(pk=message.pk, status=Status.PENDING)
        if not mine.update(status=Status.SENT, sent_at=now, tries=F("tries") + 1, error=""):
            return
        notice = InboxNotice(
            user=message.recipient,
            key=message.key,
            template=message.template,
            params=message.params,
            url=message.url,
            created_at=message.created_at,
        )
        with changes.of(notice):
            InboxNotice.objects.bulk_create([notice], ignore_conflicts=True)
        live.notify_open_pages(f"inbox:{message.recipient_id}")


def lease() -> timedelta:
    """Returns how long a sender may take; longer than the gateway's time-out, so that no living one counts as
    dead.
    """
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def _claim(message: OutboxMessage, *, now: datetime) -> bool:
    claimed = OutboxMessage.objects.due(now).filter(pk=message.pk, tries=message.tries)
    taken = claimed.update(status=Status.SENDING, claimed_until=now + lease(), tries=F("tries") + 1)
    message.tries += 1
    return bool(taken)


def _send_sms(message: OutboxMessage) -> None:
    """Calls the gateway outside of any transaction and writes the result."""
    phone = message.recipient.phone
    if not phone or not messages.has_sms(message.template):
        _write_result(message, status=Status.FAILED, error="the person has no number")
        return
    params = messages.sms_params(message.template, message.params)
    try:
        reference = sms.sender().send(phone, message.template, params, gateway_key(message))
    except sms.SmsRefused as error:
        _refused(message, error)
    except sms.SmsUncertain as error:
        # It may still be in the gateway, which could deny it a moment later.
        later = clock.now() + lease()
        _write_result(message, status=Status.UNCERTAIN, next_try_at=later, error=str(error))
    else:
        at = clock.now()
        _write_result(message, status=Status.SENT, sent_at=at, provider_reference=reference[:80], error="")


def _refused(message: OutboxMessage, error: sms.SmsRefused) -> None:
    """Schedules another try with growing delays; fails for a final refusal or after the last try."""
    if error.is_final or message.tries > len(BACK_OFF):
        logger.error("outbox: %s failed for good: %s", message.pk, error)
        _write_result(message, status=Status.FAILED, error=str(error))
    else:
        later = clock.now() + BACK_OFF[message.tries - 1]
        _write_result(message, status=Status.PENDING, next_try_at=later, error=str(error))


def _query_gateway(pk: int, *, now: datetime) -> None:
    """Queries the gateway about an uncertain message and sends it again only if it was not sent."""
    waiting = OutboxMessage.objects.to_ask_about(now).filter(pk=pk)
    message = waiting.select_related("recipient").first()
    # Moved first, so that two processes do not query at once.
    if message is None or not waiting.filter(tries=message.tries).update(next_try_at=now + ASK_AGAIN):
        return
    try:
        answer = _gateway_answer(message)
    except sms.SmsUncertain as error:
        if now - message.created_at > ASKED_FOR:
            _write_result(message, status=Status.FAILED, error=f"uncertain: {error}")
        return
    if answer == sms.Answer.SENT:
        _write_result(message, status=Status.SENT, sent_at=now, error="")
    elif answer == sms.Answer.FAILED:
        _refused(message, sms.SmsRefused("the network refused it"))
    else:
        _write_result(
            message, status=Status.PENDING, next_try_at=now, error="cut in the middle; not at the gateway"
        )
        deliver(message.pk, now=now)


def _gateway_answer(message: OutboxMessage) -> sms.Answer:
    """Returns the gateway's answer for the day of sending, or for two days around midnight."""
    until = message.claimed_until or message.created_at
    gateway = sms.sender()
    answer = sms.Answer.UNKNOWN
    for day in sorted({clock.today(until - lease()), clock.today(until)}):
        said = gateway.ask(message.recipient.phone, gateway_key(message), day)
        if said == sms.Answer.SENT:
            return said
        answer = said if said == sms.Answer.FAILED else answer
    return answer


def gateway_key(message: OutboxMessage) -> str:
    """Returns our name of a message at the gateway, the same for each try."""
    return f"outbox-{message.pk}"


def _write_result(message: OutboxMessage, **outcome: Any) -> None:
    """Writes the result of this claim unless a later claim has begun."""
    outcome["error"] = outcome["error"][:300]
    mine = OutboxMessage.objects.filter(
        pk=message.pk, tries=message.tries, status__in=[Status.SENDING, Status.UNCERTAIN]
    )
    mine.update(**outcome)
