"""The channel of WeChat: whom it reaches, and one message through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import translation

from community.core import clock
from community.notifications import messages
from community.notifications.models import OutboxMessage
from community.wechat import client
from community.wechat.actions import note_follows, note_grant, note_problem, use_grant
from community.wechat.errors import Then, WeChatRefused
from community.wechat.models import Binding, MessageTemplate, OfficialAccount

Way = MessageTemplate.Way
# Longest values by the kind that a keyword names (47003 otherwise).
LONGEST = {
    "thing": 20,
    "phrase": 5,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "phone_number": 17,
    "car_number": 8,
    "name": 10,
}
NOT_FOLLOWING = {43004}


class NotReached(Exception):
    """Raised when WeChat does not reach the person; ``must_mend`` if staff can change that."""

    def __init__(self, reason: str, *, must_mend: bool = False) -> None:
        super().__init__(reason)
        self.must_mend = must_mend


@dataclass(frozen=True)
class Route:
    """A person's binding and the account's template by which a message can reach them."""

    binding: Binding
    template: MessageTemplate


def _reaching(template: str) -> Q:
    """Limits bindings to those by whose account a message can be tried."""
    to_followers = Q(account__templates__way=Way.TEMPLATE) & ~Q(does_follow=False)
    allowed = Q(
        account__templates__way=Way.SUBSCRIPTION,
        grants__template_id=F("account__templates__template_id"),
        grants__left__gt=0,
    )
    return Q(account__is_on=True, account__templates__message=template) & (to_followers | allowed)


def reached_by_wechat(people: Iterable[int], template: str) -> set[int]:
    """Returns the keys of those whom a message may reach by WeChat."""
    return set(Binding.objects.filter(_reaching(template), user__in=people).values_list("user", flat=True))


def _routes(message: OutboxMessage) -> list[Route]:
    """Returns the ways to the recipient, followers' messages first."""
    found = Binding.objects.filter(user=message.recipient_id, account__is_on=True).select_related("account")
    bindings = list(found.order_by("pk"))
    templates = MessageTemplate.objects.filter(
        account__in=[one.account_id for one in bindings], message=message.template
    )
    ways = list(templates)
    return [
        Route(binding, template)
        for way in (Way.TEMPLATE, Way.SUBSCRIPTION)
        for binding in bindings
        for template in ways
        if template.account_id == binding.account_id and template.way == way
    ]


def send(message: OutboxMessage, *, key: str) -> str:
    """Sends a message by the first way that takes it; returns WeChat's number of it.

    One that is in doubt is repeated only in the way that WeChat takes once. Raises ``NotReached``,
    ``WeChatRefused`` for a refusal that passes with time, and ``NoAnswer``.
    """
    must_mend, reason = False, "no way"
    for route in _routes(message):
        account, binding, template = route.binding.account, route.binding, route.template
        is_tap = template.way == Way.SUBSCRIPTION
        if (binding.does_follow is False and not is_tap) or (is_tap and message.in_doubt_since):
            continue
        if is_tap and not use_grant(binding, template.template_id):
            continue
        try:
            return _send(account, binding, template, message, key)
        except WeChatRefused as refusal:
            if refusal.then in (Then.AGAIN, Then.WAIT, Then.TOKEN):
                if is_tap:
                    note_grant(
                        account=account,
                        openid=binding.openid,
                        template_id=template.template_id,
                        is_given=True,
                    )
                raise
            reason, must_mend = str(refusal), must_mend or refusal.then == Then.MEND
            _note(account, binding, template, refusal)
    raise NotReached(reason, must_mend=must_mend)


def _send(
    account: OfficialAccount, binding: Binding, template: MessageTemplate, message: OutboxMessage, key: str
) -> str:
    body: dict[str, Any] = {
        "touser": binding.openid,
        "template_id": template.template_id,
        "data": _data(template, message),
    }
    address = f"{settings.PUBLIC_URL}{message.url}" if message.url else ""
    if template.way == Way.SUBSCRIPTION:
        return client.send_subscribed(account, body | ({"page": address} if address else {}))
    number = client.send_template(account, body | ({"url": address} if address else {}), key=key)
    if binding.does_follow is None:
        note_follows(account=account, openid=binding.openid, does_follow=True)
    return number


def _data(template: MessageTemplate, message: OutboxMessage) -> dict[str, dict[str, str]]:
    """Returns the values by keyword, in the recipient's language and as long as each kind may be."""
    with translation.override(message.recipient.language or settings.LANGUAGE_CODE):
        values = messages.values_of(message.template, message.params)
    return {
        keyword: {"value": _fitted(keyword, values.get(name, ""))}
        for keyword, name in template.fields.items()
    }


def _fitted(keyword: str, value: str) -> str:
    longest = LONGEST.get(keyword.rstrip("0123456789"), 100)
    fitted = " ".join(value.split()) or "-"
    return fitted if len(fitted) <= longest else fitted[: longest - 1] + "…"


def _note(
    account: OfficialAccount, binding: Binding, template: MessageTemplate, refusal: WeChatRefused
) -> None:
    """Notes what a refusal says, so that the same way is not tried again in vain."""
    if refusal.code in NOT_FOLLOWING:
        note_follows(account=account, openid=binding.openid, does_follow=False)
    elif refusal.then == Then.MEND:
        note_problem(account=account, code=refusal.code, now=clock.now())
    elif template.way == Way.SUBSCRIPTION:
        note_grant(account=account, openid=binding.openid, template_id=template.template_id, is_given=False)
