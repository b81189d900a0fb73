"""Calls of WeChat's interface in the name of an official account."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from community.wechat.errors import Then, WeChatRefused
from community.wechat.http import ask
from community.wechat.models import OfficialAccount
from community.wechat.tokens import access_token


def call(
    account: OfficialAccount, path: str, body: Any = None, *, query: dict[str, str] | None = None
) -> dict[str, Any]:
    """Returns WeChat's answer to a GET, or to a POST with a ``body``.

    A refused access token is renewed and the call repeated, once. Raises ``WeChatRefused``, and ``NoAnswer`` from
    ``http``.
    """
    token = access_token(account)
    try:
        return _call(token, path, body, query or {})
    except WeChatRefused as refusal:
        if refusal.then != Then.TOKEN:
            raise
    return _call(access_token(account, instead_of=token), path, body, query or {})


def _call(token: str, path: str, body: Any, query: dict[str, str]) -> dict[str, Any]:
    asked = urlencode({"access_token": token, **query})
    found = ask(f"{settings.WECHAT_API_URL}{path}?{asked}", body)
    if code := int(found.get("errcode") or 0):
        raise WeChatRefused(code)
    return found


def send_template(account: OfficialAccount, message: dict[str, Any], *, key: str) -> str:
    """Sends a template message (模板消息) to a follower; returns its ``msgid``. Raises as ``call`` does.

    WeChat takes one message with the same ``key`` within ten minutes.
    """
    sent = call(account, "/cgi-bin/message/template/send", message | {"client_msg_id": key})
    return str(sent.get("msgid", ""))


def send_subscribed(account: OfficialAccount, message: dict[str, Any]) -> str:
    """Sends a message that the person has allowed by a tap (订阅通知). Raises as ``call`` does."""
    return str(call(account, "/cgi-bin/message/subscribe/bizsend", message).get("msgid", ""))


def does_follow(account: OfficialAccount, openid: str) -> bool:
    """Whether the person follows the account. Raises as ``call`` does."""
    found = call(account, "/cgi-bin/user/info", query={"openid": openid, "lang": "zh_CN"})
    return bool(found.get("subscribe"))
