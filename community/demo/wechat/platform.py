"""The local platform's answers: sign-in page, code exchange, access tokens, messages, robots."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from community.demo.payments.messages import Answer, Asked, in_json, redirect
from community.demo.wechat.state import Account, State, Visitor

AUTHORIZE, SUBSCRIBED = "/connect/oauth2/authorize", "/cgi-bin/message/subscribe/bizsend"
PATHS = ("/connect/", "/sns/", "/cgi-bin/", "/robot/")
# Faults that are no errcode.
NO_JSON, HANGS, CUT = "no json", "hangs", "cut"
ONCE_SECONDS, ROBOT_LIMIT, MINUTE = 600, 20, 60
ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    42001: "access_token expired",
    42003: "code expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    47003: "argument invalid! data.thing1.value invalid",
    48001: "api unauthorized",
    50002: "user limited",
    93000: "invalid webhook url",
    310000: "sign not match",
}


def error(code: int) -> Answer:
    return in_json({"errcode": code, "errmsg": f"{ERRORS.get(code, 'error')} rid: {secrets.token_hex(8)}"})


class Platform:
    """``asks``: whether the sign-in page asks which visitor comes; else the one of ``comes`` comes at once."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.asks = False
        self.comes = "oPractice0000000000000000001"
        self.is_snapshot = False
        self.hangs_seconds = 4.0
        # Keys of robots and the secret of DingTalk's.
        self.robot_keys = {"practice-robot"}
        self.robot_secret = "SECpractice"  # noqa: S105

    def handle(self, asked: Asked) -> Answer:
        self.state.calls.append(asked.path)
        waiting = self.state.faults[asked.path]
        fault = waiting.pop(0) if waiting else 0
        if isinstance(fault, int) and fault:
            return error(fault)
        if fault == NO_JSON:
            return Answer(200, b"<html>502</html>")
        if fault == HANGS:
            time.sleep(self.hangs_seconds)
        answer = self._answer(asked)
        # The call took effect, and its answer is lost.
        return Answer(502, b"") if fault == CUT else answer

    def _answer(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        if asked.path == AUTHORIZE:
            return self._authorize(given)
        if asked.path == "/sns/oauth2/access_token":
            return self._person(given)
        body = json.loads(asked.body) if asked.body.strip() else {}
        if asked.path == "/cgi-bin/stable_token":
            return self._token(body)
        if asked.path in ("/cgi-bin/webhook/send", "/robot/send"):
            return self._robot(asked.path, given, body)
        account = self.state.account_of_token(given.get("access_token", ""))
        if account is None:
            return error(40001)
        if asked.path == "/cgi-bin/user/info":
            visitor = self.state.visitor(given.get("openid", ""))
            return in_json({"subscribe": int(visitor.follows), "openid": visitor.openid})
        if asked.path == "/cgi-bin/ticket/getticket":
            return in_json(
                {"errcode": 0, "errmsg": "ok", "ticket": f"ticket-{account.app_id}", "expires_in": 7200}
            )
        if asked.path in ("/cgi-bin/message/template/send", SUBSCRIBED):
            return self._message(account, asked.path, body)
        return error(48001)

    # -- Signing in.

    def _authorize(self, given: dict[str, str]) -> Answer:
        if given.get("appid") not in self.state.accounts or given.get("scope") != "snsapi_base":
            return _page("参数错误", "<p>参数错误。</p>", 400)
        chosen = given.get("visitor")
        if self.asks and chosen is None:
            return self._visitors(given)
        if chosen == "decline":
            return redirect(_with(given, {"state": given.get("state", "")}))
        openid = chosen if chosen and chosen not in ("snapshot", "late") else self.comes
        late = {"seconds": -1.0} if chosen == "late" else {}
        code = self.state.new_code(
            given["appid"], openid, is_snapshot=self.is_snapshot or chosen == "snapshot", **late
        )
        return redirect(_with(given, {"code": code, "state": given.get("state", "")}))

    def _visitors(self, given: dict[str, str]) -> Answer:
        """Returns a page on which a visitor of the demo says whose phone this is."""
        choices = {
            "oPractice0000000000000000001": "我的微信",
            "oPractice0000000000000000002": "另一个微信号",
            "snapshot": "快照页访客",
            "decline": "拒绝授权",
            "late": "授权码过期",
        }
        rows = "".join(
            f'<a class="button line" href="{AUTHORIZE}?{escape(urlencode(given | {"visitor": key}))}">{words}</a>'
            for key, words in choices.items()
        )
        return _page("微信（练习）", f"<h1>微信（练习）</h1><p>真的微信里不会停在这一页。您是谁？</p>{rows}")

    def _person(self, given: dict[str, str]) -> Answer:
        account = self.state.accounts.get(given.get("appid", ""))
        if account is None:
            return error(40013)
        if given.get("secret") != account.secret:
            return error(40125)
        code = given.get("code", "")
        if code in self.state.used:
            return error(40163)
        found = self.state.codes.pop(code, None)
        if found is None or found.app_id != account.app_id:
            return error(40029)
        self.state.used.add(code)
        if found.expires_at <= self.state.now():
            return error(42003)
        told: dict[str, Any] = {
            "access_token": secrets.token_hex(20),
            "expires_in": 7200,
            "refresh_token": "r",
        }
        told |= {"openid": found.openid, "scope": "snsapi_base"}
        return in_json(told | ({"is_snapshotuser": 1} if found.is_snapshot else {}))

    def _token(self, body: dict[str, Any]) -> Answer:
        account = self.state.accounts.get(body.get("appid", ""))
        if account is None:
            return error(40013)
        if body.get("secret") != account.secret:
            return error(40125)
        token, seconds = self.state.token_of(account.app_id, is_forced=bool(body.get("force_refresh")))
        return in_json({"access_token": token, "expires_in": seconds})

    # -- Messages.

    def _message(self, account: Account, path: str, body: dict[str, Any]) -> Answer:
        visitor = self.state.visitors.get(body.get("touser", ""))
        if visitor is None:
            return error(40003)
        template = body.get("template_id", "")
        if refused := _wrong_value(body.get("data", {})):
            return error(refused)
        if path == SUBSCRIBED:
            return self._subscribed(account, visitor, template, body)
        if not visitor.follows:
            return error(43004)
        if template in visitor.refused:
            return error(43101)
        return self._take(account, visitor, body)

    def _subscribed(self, account: Account, visitor: Visitor, template: str, body: dict[str, Any]) -> Answer:
        if visitor.grants.get(template, 0) < 1:
            return error(43101)
        visitor.grants[template] -= 1
        return self._take(account, visitor, body)

    def _take(self, account: Account, visitor: Visitor, body: dict[str, Any]) -> Answer:
        now = self.state.now()
        key = visitor.openid, str(body.get("client_msg_id", ""))
        known, at = self.state.known.get(key, (0, 0.0))
        if key[1] and known and now - at < ONCE_SECONDS:
            return in_json({"errcode": 0, "errmsg": "ok", "msgid": known})
        number = 3_000_000_000 + len(self.state.sent)
        self.state.known[key] = number, now
        self.state.sent.append(body | {"msgid": number, "app_id": account.app_id})
        return in_json({"errcode": 0, "errmsg": "ok", "msgid": number})

    # -- Robots of group chats.

    def _robot(self, path: str, given: dict[str, str], body: dict[str, Any]) -> Answer:
        key = given.get("key") or given.get("access_token", "")
        if key not in self.robot_keys:
            return error(93000 if path != "/robot/send" else 300001)
        if path == "/robot/send" and not self._is_signed(given):
            return error(310000)
        now = self.state.now()
        lately = [at for at in self.state.robots[key] if now - at < MINUTE]
        if len(lately) >= ROBOT_LIMIT:
            return error(45009 if path != "/robot/send" else 410100)
        self.state.robots[key] = [*lately, now]
        self.state.sent.append(body | {"robot": key})
        return in_json({"errcode": 0, "errmsg": "ok"})

    def _is_signed(self, given: dict[str, str]) -> bool:
        text = f"{given.get('timestamp', '')}\n{self.robot_secret}"
        made = hmac.new(self.robot_secret.encode(), text.encode(), hashlib.sha256).digest()
        is_young = abs(self.state.now() - int(given.get("timestamp") or 0) / 1000) < 3600
        return is_young and hmac.compare_digest(base64.b64encode(made).decode(), given.get("sign", ""))


def _wrong_value(data: dict[str, dict[str, str]]) -> int:
    """Returns 47003 for a value that does not fit the kind that the keyword names; else 0."""
    longest = {"thing": 20, "phrase": 5, "character_string": 32, "car_number": 8, "phone_number": 17}
    for keyword, given in data.items():
        kind, value = keyword.rstrip("0123456789"), str(given.get("value", ""))
        if not value or len(value) > longest.get(kind, 100):
            return 47003
        if kind == "character_string" and not value.isascii():
            return 47003
    return 0


def _with(given: dict[str, str], more: dict[str, str]) -> str:
    back = given.get("redirect_uri", "")
    return f"{back}{'&' if '?' in back else '?'}{urlencode(more)}"


def _page(title: str, body: str, status: int = 200) -> Answer:
    text = f"""<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:24rem;margin:0 auto;padding:1rem;display:grid;gap:1rem}}
.button{{display:block;min-height:56px;line-height:56px;text-align:center;border-radius:.75rem;background:#e5e7eb;
color:#111;text-decoration:none}}</style></head><body>{body}</body></html>"""
    return Answer(status, text.encode())
