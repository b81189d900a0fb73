"""A person's openid for an official account, found out inside WeChat without asking them (``snsapi_base``)."""

import hmac
import re
import secrets
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from community.wechat.http import NoAnswer, ask

STATE, OPENIDS = "wechat_state", "wechat_openids"
OPENID = re.compile(r"[0-9A-Za-z_-]{6,64}")
CODE = re.compile(r"[0-9A-Za-z_-]{1,128}")

Session = MutableMapping[str, Any]


class NoOpenid(Exception):
    """Raised when WeChat does not say who a person is; ``reason`` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def openid_in(session: Session, app_id: str) -> str:
    """Returns the openid that was found out in this session for an application; empty without one."""
    return str(session.get(OPENIDS, {}).get(app_id, ""))


def begin(session: Session, app_id: str, back: str) -> str:
    """Returns WeChat's address to which the browser goes; it comes back to ``back`` with a code and a state."""
    state = secrets.token_hex(16)
    session[STATE] = {"state": state, "app_id": app_id}
    # WeChat needs the parameters in this order.
    asked = {
        "appid": app_id,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{settings.WECHAT_OPEN_URL}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def finish(session: Session, app_id: str, secret: str, *, code: str, state: str) -> str:
    """Returns the openid for the code with which the browser came back, and keeps it for the session.

    Raises ``NoOpenid`` for a state that this session did not begin, an answer with an error or none in time,
    and for the made-up openid of a preview.
    """
    begun = session.pop(STATE, None) or {}
    is_ours = hmac.compare_digest(str(begun.get("state", "")).encode(), state.encode())
    if not begun or not is_ours or begun.get("app_id") != app_id:
        raise NoOpenid("state")
    if not CODE.fullmatch(code):
        raise NoOpenid("code")
    found = _exchange(app_id, secret, code)
    if found.get("errcode"):
        raise NoOpenid(f"errcode {found['errcode']}")
    if found.get("is_snapshotuser"):
        raise NoOpenid("snapshot")
    openid = str(found.get("openid", ""))
    if not OPENID.fullmatch(openid):
        raise NoOpenid("answer")
    session[OPENIDS] = {**session.get(OPENIDS, {}), app_id: openid}
    return openid


def _exchange(app_id: str, secret: str, code: str) -> dict[str, Any]:
    asked = {"appid": app_id, "secret": secret, "code": code, "grant_type": "authorization_code"}
    try:
        return ask(f"{settings.WECHAT_API_URL}/sns/oauth2/access_token?{urlencode(asked)}")
    except NoAnswer as error:
        raise NoOpenid(error.reason) from None
