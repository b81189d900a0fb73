"""Events that WeChat pushes about people and messages, and their effects."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from community.notifications.delivery import queue_instead
from community.notifications.models import OutboxMessage
from community.wechat.actions import forget_openid, note_follows, note_grant
from community.wechat.models import Binding, OfficialAccount, Push

Status = OutboxMessage.Status
Event = dict[str, Any]
ARRIVED = "success"


def handle_push(*, account: OfficialAccount, event: Event, digest: str, now: datetime) -> None:
    """Carries out what an event says, once by its hash. Events without a meaning for us change nothing."""
    handler = HANDLERS.get(str(event.get("Event", "")))
    if handler is None:
        return
    with transaction.atomic():
        _row, is_new = Push.objects.get_or_create(digest=digest, defaults={"received_at": now})
        if is_new:
            handler(account, str(event.get("FromUserName", "")), event, now)


def _subscribed(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    note_follows(account=account, openid=openid, does_follow=True)


def _unsubscribed(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    note_follows(account=account, openid=openid, does_follow=False)


def _consent_ended(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    """Ends sign-in and messages by this openid; the event names it beside its sender."""
    forget_openid(account=account, openid=str(event.get("OpenID") or openid))


def _lines(event: Event, name: str) -> list[dict[str, str]]:
    found = event.get(name, [])
    return [line for line in found if isinstance(line, dict)] if isinstance(found, list) else []


def _tapped(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    for name in ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"):
        for line in _lines(event, name):
            is_given = line.get("SubscribeStatusString") == "accept"
            template = line.get("TemplateId", "")[:64]
            # A change in WeChat's settings takes permissions away and gives none.
            if not is_given or name == "SubscribeMsgPopupEvent":
                note_grant(account=account, openid=openid, template_id=template, is_given=is_given)


def _job_finished(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    if event.get("Status") != ARRIVED:
        _not_arrived(account, openid, str(event.get("MsgID", "")), str(event.get("Status", "")), now)


def _subscribed_sent(account: OfficialAccount, openid: str, event: Event, now: datetime) -> None:
    for line in _lines(event, "SubscribeMsgSentEvent"):
        if line.get("ErrorStatus") != ARRIVED:
            _not_arrived(account, openid, line.get("MsgID", ""), line.get("ErrorStatus", ""), now)


def _not_arrived(account: OfficialAccount, openid: str, number: str, reason: str, now: datetime) -> None:
    """Passes on a message that WeChat took and did not bring, such as to somebody who blocks the account."""
    people = Binding.objects.of_openid(account, openid).values_list("user", flat=True)
    sent = OutboxMessage.objects.filter(
        recipient__in=list(people), channel=OutboxMessage.Channel.WECHAT, provider_reference=number[:80]
    )
    for message in sent.filter(status=Status.SENT).select_related("recipient"):
        mine = OutboxMessage.objects.filter(pk=message.pk, status=Status.SENT)
        if number and mine.update(status=Status.PASSED_ON, error=reason[:300]) and message.sms_else:
            queue_instead(message, now=now)


HANDLERS: dict[str, Callable[[OfficialAccount, str, Event, datetime], None]] = {
    "subscribe": _subscribed,
    "unsubscribe": _unsubscribed,
    "TEMPLATESENDJOBFINISH": _job_finished,
    "subscribe_msg_popup_event": _tapped,
    "subscribe_msg_change_event": _tapped,
    "subscribe_msg_sent_event": _subscribed_sent,
    "user_authorization_revoke": _consent_ended,
    "user_authorization_cancellation": _consent_ended,
}
