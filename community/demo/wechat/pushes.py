"""Pushes of the local platform to us: events as XML, signed, and encrypted as WeChat does."""

import base64
import hashlib
import secrets
import struct
import urllib.request
from html import escape
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from community.demo.wechat.state import Account

BLOCK = 32


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  (WeChat's own)


def event_xml(event: str, openid: str, at: float, **more: Any) -> str:
    """Returns an event of a person as WeChat writes it."""
    values: dict[str, Any] = {
        "ToUserName": "gh_practice",
        "FromUserName": openid,
        "CreateTime": int(at),
        "MsgType": "event",
        "Event": event,
    }
    lines = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in (values | more).items())
    return f"<xml>{lines}</xml>"


def encrypt(text: str, account: Account) -> str:
    key = base64.b64decode(account.aes_key + "=")
    message = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + account.app_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()


def pushed(account: Account, xml: str, at: float, *, nonce: str = "") -> tuple[dict[str, str], bytes]:
    """Returns query and body of a push in encrypted mode."""
    stamp, nonce = str(int(at)), nonce or secrets.token_hex(5)
    sealed = encrypt(xml, account)
    query = {
        "signature": sign(account.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": sign(account.token, stamp, nonce, sealed),
    }
    body = (
        f"<xml><ToUserName>{escape('gh_practice')}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    return query, body.encode()


def deliver(account: Account, xml: str, at: float) -> int:
    """Posts a push to the account's address; returns the answer's status."""
    query, body = pushed(account, xml, at)
    address = f"{account.push_url}?{urlencode(query)}"
    request = urllib.request.Request(address, body, {"Content-Type": "text/xml"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return int(answer.status)
