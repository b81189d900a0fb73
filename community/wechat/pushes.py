"""Messages that WeChat pushes to us: signed, encrypted, and read as plain values.

Only the encrypted mode (安全模式) is taken: in the plain one the signature does not cover the content.
"""

import base64
import hashlib
import hmac
import struct
import xml.etree.ElementTree as ET
from binascii import Error as NoBase64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from community.wechat.models import OfficialAccount

WINDOW_SECONDS = 300
BLOCK, HEAD = 32, 20
LONGEST_PART = 200


class Forged(Exception):
    """Raised for a push that is not WeChat's, or not of now."""


def _is_signed(account: OfficialAccount, given: Mapping[str, str], name: str, *more: str) -> bool:
    parts = sorted([account.token, given.get("timestamp", ""), given.get("nonce", ""), *more])
    made = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324  (WeChat's own)
    return bool(account.token) and hmac.compare_digest(made.encode(), given.get(name, "").encode())


def echo(account: OfficialAccount, given: Mapping[str, str]) -> str:
    """Returns the word with which we prove that the address is ours. Raises ``Forged``."""
    if not _is_signed(account, given, "signature"):
        raise Forged("signature")
    return given.get("echostr", "")[:LONGEST_PART]


def read(
    account: OfficialAccount, given: Mapping[str, str], body: bytes, now: datetime
) -> tuple[dict[str, Any], str]:
    """Returns a push as values by name, lists for ``List``, and the hash by which a repeated one is known.

    Raises ``Forged`` for a wrong signature, an old time, another account, and what cannot be read.
    """
    stamp = given.get("timestamp", "")
    if not (
        stamp.isascii() and stamp.isdecimal() and abs(now.timestamp() - int(stamp[:12])) <= WINDOW_SECONDS
    ):
        raise Forged("time")
    sealed = str(_values(body).get("Encrypt", ""))
    if not sealed or not _is_signed(account, given, "msg_signature", sealed):
        raise Forged("signature")
    content = _decrypt(account, sealed)
    return _values(content), hashlib.sha256(content).hexdigest()


def _decrypt(account: OfficialAccount, sealed: str) -> bytes:
    try:
        key = base64.b64decode(account.aes_key + "=")
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = cipher.update(base64.b64decode(sealed, validate=True)) + cipher.finalize()
        plain = plain[: -plain[-1]] if 1 <= plain[-1] <= BLOCK else b""
        length = struct.unpack(">I", plain[16:HEAD])[0]
    except (ValueError, NoBase64, IndexError, struct.error):
        raise Forged("encryption") from None
    content, owner = plain[HEAD : HEAD + length], plain[HEAD + length :]
    if owner.decode(errors="replace") != account.app_id:
        raise Forged("account")
    return content


def _values(body: bytes) -> dict[str, Any]:
    """Returns the elements of an XML by name. Entities are refused: they can grow without limit."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Forged("entities")
    try:
        root = ET.fromstring(body)  # noqa: S314  (without entities)
    except ET.ParseError:
        raise Forged("XML") from None
    return {part.tag: _value(part) for part in root}


def _value(part: ET.Element) -> Any:
    if not len(part):
        return part.text or ""
    return [{one.tag: one.text or "" for one in line} for line in part]
