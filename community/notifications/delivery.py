"""Delivers messages of the outbox.

The inbox row and the status "sent" are one transaction, so a message is there exactly once. For an SMS, the
message is claimed for a minute in a transaction of its own before the gateway is called; the result is
written afterwards. An expired claim means that the sender died: the message is uncertain, and the gateway is
queried before it is sent again. WeChat cannot be queried: a message in doubt is sent again with the same key, of
which WeChat takes one, and later passed on. ``tries`` counts the claims and distinguishes late answers to earlier ones.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from community.core import changes, clock
from community.notifications import live, messages, sms, wechat
from community.notifications.models import InboxNotice, OutboxMessage
from community.notifications.outbox import deliver_soon
from community.notifications.wechat import NotReached
from community.wechat.errors import WeChatRefused
from community.wechat.http import NoAnswer

logger = logging.getLogger(__name__)

Status, Channel = OutboxMessage.Status, OutboxMessage.Channel
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
# WeChat takes one message with the same key within ten minutes; a minute is left for clocks.
TAKEN_ONCE = timedelta(minutes=9)
ASK_WECHAT_AGAIN = timedelta(seconds=20)
# Longest wait for a limit of the platform before an SMS goes instead.
LONGEST_WAIT = timedelta(minutes=5)
SWEEP_SECONDS = 8.0
SWEEP_MESSAGES = 500


def deliver(pk: int, *, now: datetime) -> None:
    """Delivers one message if it is due and not claimed by another worker."""
    message = OutboxMessage.objects.due(now).filter(pk=pk).select_related("recipient").first()
    if message is None:
        return
    if message.channel == Channel.INBOX:
        _put_into_inbox(message, now=now)
    elif _claim(message, now=now):
        _send_wechat(message) if message.channel == Channel.WECHAT else _send_sms(message)


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
    doubt = {"in_doubt_since": message.in_doubt_since or now} if message.channel == Channel.WECHAT else {}
    taken = claimed.update(status=Status.SENDING, claimed_until=now + lease(), tries=F("tries") + 1, **doubt)
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
    if not error.is_final and message.tries <= len(BACK_OFF):
        later = clock.now() + BACK_OFF[message.tries - 1]
        _write_result(
            message, status=Status.PENDING, next_try_at=later, error=str(error), in_doubt_since=None
        )
    elif message.sms_else:
        pass_on(message, NotReached(str(error)))
    else:
        logger.error("outbox: %s failed for good: %s", message.pk, error)
        _write_result(message, status=Status.FAILED, error=str(error), in_doubt_since=None)


def _send_wechat(message: OutboxMessage) -> None:
    """Calls WeChat outside of any transaction and writes the result; passes on to SMS what it cannot reach."""
    try:
        number = wechat.send(message, key=gateway_key(message))
    except NotReached as error:
        pass_on(message, error)
    except WeChatRefused as error:
        _wechat_refused(message, error)
    except NoAnswer as error:
        if not error.is_sent:
            _refused(message, sms.SmsRefused(error.reason))
            return
        later = clock.now() + ASK_WECHAT_AGAIN
        _write_result(message, status=Status.UNCERTAIN, next_try_at=later, error=error.reason)
    else:
        sent = {"sent_at": clock.now(), "provider_reference": number[:80], "in_doubt_since": None}
        _write_result(message, status=Status.SENT, error="", **sent)


def _wechat_refused(message: OutboxMessage, error: WeChatRefused) -> None:
    """Waits for a limit of the platform; a day's limit is not waited for where an SMS can go instead."""
    now = clock.now()
    until = error.free_again(now)
    if until is None:
        _refused(message, sms.SmsRefused(str(error)))
    elif message.sms_else and until - now > LONGEST_WAIT:
        pass_on(message, NotReached(str(error)))
    elif now - message.created_at > ASKED_FOR:
        _write_result(message, status=Status.FAILED, error=str(error), in_doubt_since=None)
    else:
        waiting = {"next_try_at": until, "in_doubt_since": None}
        _write_result(message, status=Status.PENDING, error=str(error), **waiting)


def pass_on(message: OutboxMessage, error: NotReached) -> None:
    """Ends a message by WeChat, and queues its SMS where the matter needs one, in one transaction and once.

    Without an SMS the inbox has it; it fails for staff to see only where they can mend the cause.
    """
    now = clock.now()
    failed = error.must_mend and not message.sms_else
    status = Status.FAILED if failed else Status.PASSED_ON
    with transaction.atomic():
        written = _write_result(message, status=status, error=str(error), in_doubt_since=None)
        if written and message.sms_else:
            queue_instead(message, now=now)


def queue_instead(message: OutboxMessage, *, now: datetime) -> None:
    """Queues the SMS of a message that WeChat did not bring, once."""
    instead = OutboxMessage(
        key=message.key,
        channel=Channel.SMS,
        recipient=message.recipient,
        template=message.template,
        params=message.params,
        url=message.url,
        next_try_at=now,
        created_at=now,
    )
    OutboxMessage.objects.bulk_create([instead], ignore_conflicts=True)
    same = {"key": message.key, "channel": Channel.SMS, "recipient": message.recipient_id}
    pks = list(OutboxMessage.objects.filter(status=Status.PENDING, **same).values_list("pk", flat=True))
    deliver_soon(pks)


def _repeat_wechat(message: OutboxMessage, *, now: datetime) -> None:
    """Sends a message in doubt again while WeChat takes one with the same key only once; later passes it on."""
    since = message.in_doubt_since or message.created_at
    if now - since > TAKEN_ONCE:
        pass_on(message, NotReached("uncertain", must_mend=True))
        return
    _write_result(message, status=Status.PENDING, next_try_at=now, error="cut in the middle")
    deliver(message.pk, now=now)


def _query_gateway(pk: int, *, now: datetime) -> None:
    """Queries the gateway about an uncertain message and sends it again only if it was not sent."""
    waiting = OutboxMessage.objects.to_ask_about(now).filter(pk=pk)
    message = waiting.select_related("recipient").first()
    # Moved first, so that two processes do not query at once.
    if message is None or not waiting.filter(tries=message.tries).update(next_try_at=now + ASK_AGAIN):
        return
    if message.channel == Channel.WECHAT:
        _repeat_wechat(message, now=now)
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


def _write_result(message: OutboxMessage, **outcome: Any) -> bool:
    """Writes the result of this claim unless a later claim has begun; returns whether it did."""
    outcome["error"] = outcome["error"][:300]
    mine = OutboxMessage.objects.filter(
        pk=message.pk, tries=message.tries, status__in=[Status.SENDING, Status.UNCERTAIN]
    )
    return bool(mine.update(**outcome))
