"""The access token of an account, shared by all processes through the cache and renewed once.

WeChat gives the same token to everybody who asks while it is valid (``stable_token``), so two who ask at once do no
harm; the lock saves calls. Without the cache each call asks for the token.
"""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from community.core.encryption import decrypt, encrypt
from community.wechat.errors import WeChatRefused
from community.wechat.http import ask
from community.wechat.models import OfficialAccount

logger = logging.getLogger(__name__)
COLUMN = "wechat.access_token"
# Renewed before its end: WeChat renews it five minutes before, and both are valid meanwhile.
SPARE_SECONDS, SHORTEST_SECONDS = 300, 30
LOCK_SECONDS, POLL_SECONDS = 5, 0.1
# WeChat allows 20 forced renewals a day, 30 s apart.
FORCED_EACH = 90


def access_token(account: OfficialAccount, *, instead_of: str = "") -> str:
    """Returns a valid token; another one than ``instead_of``, which WeChat has refused.

    Raises ``WeChatRefused`` and ``NoAnswer``.
    """
    known = _kept(account)
    if known and known != instead_of:
        return known
    if not _lock(account):
        known = _wait_for_other(account, instead_of)
        if known:
            return known
    token, seconds = ask_for_token(account, is_forced=False)
    if token == instead_of and _may_force(account):
        token, seconds = ask_for_token(account, is_forced=True)
    _keep(account, token, max(SHORTEST_SECONDS, seconds - SPARE_SECONDS))
    return token


def ask_for_token(account: OfficialAccount, *, is_forced: bool = False) -> tuple[str, int]:
    """Returns WeChat's token and the seconds that it has left; a new one if ``is_forced``. Raises as above."""
    body = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.secret,
        "force_refresh": is_forced,
    }
    found = ask(f"{settings.WECHAT_API_URL}/cgi-bin/stable_token", body)
    if not found.get("access_token"):
        raise WeChatRefused(int(found.get("errcode") or -1))
    return str(found["access_token"]), int(found.get("expires_in") or 0)


def _key(account: OfficialAccount, what: str) -> str:
    return f"wechat:{account.app_id}:{what}"


def _kept(account: OfficialAccount) -> str:
    try:
        found = cache.get(_key(account, "token"))
        return decrypt(found, column=COLUMN) if found else ""
    except (RedisError, OSError, ValueError):
        return ""


def _keep(account: OfficialAccount, token: str, seconds: int) -> None:
    _cached("set", _key(account, "token"), encrypt(token, column=COLUMN), seconds)
    _cached("delete", _key(account, "lock"))


def _lock(account: OfficialAccount) -> bool:
    """Whether this process renews; all do without a cache."""
    return _cached("add", _key(account, "lock"), 1, LOCK_SECONDS) is not False


def _may_force(account: OfficialAccount) -> bool:
    return _cached("add", _key(account, "forced"), 1, FORCED_EACH) is not False


def _cached(verb: str, *given: Any) -> Any:
    """Returns the cache's answer; None without a cache."""
    try:
        return getattr(cache, verb)(*given)
    except (RedisError, OSError):
        logger.warning("wechat: no cache for the access token")
        return None


def _wait_for_other(account: OfficialAccount, instead_of: str) -> str:
    until = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        known = _kept(account)
        if known and known != instead_of:
            return known
        if _lock(account):
            break
    return ""
