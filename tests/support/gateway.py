"""Fake SMS gateway that speaks Aliyun's protocol (Dysmsapi 2017-05-25, style RPC).

It checks the signature of every request as Aliyun documents it (ACS3-HMAC-SHA256), stores what it gets,
answers as configured (``replies``: by template or number), and can be slow or silent.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, KEY_SECRET, SIGN_NAME = "test-key-id", "test-key-secret", "邻里"
EAST_OF_GREENWICH = 8 * 3600


@dataclass
class Gateway:
    """State of the gateway: ``calls`` in order as (operation, our key), ``kept`` the accepted messages."""

    port: int = 0
    # Seconds before the answer: the message is stored, and the caller may be dead by then.
    slow_seconds: float = 0.0
    replies: dict[str, tuple[int, str]] = field(default_factory=dict)
    # Our keys, or "*": received and lost, as if the connection had broken before.
    loses: set[str] = field(default_factory=set)
    delivery: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, templates: dict[str, str]) -> dict[str, Any]:
        """Returns the settings (or, as JSON, the environment) that point to this gateway."""
        return {
            "SMS_BACKEND": "aliyun",
            "ALIYUN_SMS_ENDPOINT": self.endpoint,
            "ALIYUN_SMS_ACCESS_KEY_ID": KEY_ID,
            "ALIYUN_SMS_ACCESS_KEY_SECRET": KEY_SECRET,
            "ALIYUN_SMS_SIGN_NAME": SIGN_NAME,
            "ALIYUN_SMS_TEMPLATES": templates,
        }

    def keys(self, what: str) -> list[str]:
        with self.lock:
            return [key for call, key in self.calls if call == what]

    def answer(self, action: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if action == "SendSms":
            return self._send(query)
        if action == "QuerySendDetails":
            return self._details(query)
        return 400, {"Code": "InvalidAction.NotFound", "Message": action}

    def _send(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        key = query.get("OutId", "")
        with self.lock:
            self.calls.append(("send", key))
            status, code = self.replies.get(query["PhoneNumbers"], (200, "OK"))
            loses = bool(self.loses & {key, "*"})
            if code == "OK" and not loses:
                on = time.strftime("%Y%m%d", time.gmtime(time.time() + EAST_OF_GREENWICH))
                self.kept.append({**query, "on": on, "BizId": f"biz-{len(self.kept)}"})
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        if code != "OK":
            return status, {"Code": code, "Message": "refused", "RequestId": "1"}
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"biz-of-{key}", "RequestId": "1"}

    def _details(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        number, day = query["PhoneNumber"], query["SendDate"]
        size, page = int(query["PageSize"]), int(query["CurrentPage"])
        with self.lock:
            self.calls.append(("ask", number))
            mine = [sent for sent in self.kept if sent["PhoneNumbers"] == number and sent["on"] == day]
            status, code = self.replies.get(f"ask:{number}", (200, "OK"))
        if code != "OK":
            return status, {"Code": code, "Message": "refused", "RequestId": "1"}
        shown = [
            {
                "OutId": sent["OutId"],
                "PhoneNum": number,
                "SendStatus": self.delivery.get(sent["OutId"], 3),
                "TemplateCode": sent["TemplateCode"],
            }
            for sent in mine[(page - 1) * size : page * size]
        ]
        return 200, {
            "Code": "OK",
            "Message": "OK",
            "RequestId": "1",
            "TotalCount": len(mine),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown},
        }


def _is_signed(method: str, target: str, headers: Any, body: bytes) -> bool:
    """Recomputes the signature from the request by the documented algorithm."""
    scheme, _space, rest = headers.get("Authorization", "").partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    if scheme != "ACS3-HMAC-SHA256" or parts.get("Credential") != KEY_ID:
        return False
    if headers.get("x-acs-content-sha256") != hashlib.sha256(body).hexdigest():
        return False
    names = parts["SignedHeaders"].split(";")
    if not {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} <= set(names):
        return False
    url = urlsplit(target)
    pairs = sorted(parse_qsl(url.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    signed = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names)
    hashed = headers["x-acs-content-sha256"]
    request = "\n".join([method, url.path or "/", query, signed, ";".join(names), hashed])
    to_sign = f"{scheme}\n{hashlib.sha256(request.encode()).hexdigest()}"
    expected = hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["Signature"])


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if _is_signed("POST", self.path, self.headers, body):
                query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
                query |= dict(parse_qsl(body.decode(), keep_blank_values=True))
                status, answer = gateway.answer(self.headers["x-acs-action"], query)
            else:
                status, answer = 400, {"Code": "SignatureDoesNotMatch", "Message": "signature"}
            content = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the caller was killed meanwhile, as the test intends

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            pass

    return Handler


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(gateway))
    server.daemon_threads = True
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
