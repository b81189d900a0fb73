"""The client of WeChat Pay's API v3: the SDK's, with our address, limits of time, and certificates that it keeps."""

import copy
import json
import logging
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import wechatpayv3.core
from cryptography.x509 import Certificate
from django.conf import settings
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType

from community.core import clock, outward
from services.fees.models import MerchantAccount
from services.fees.providers.base import DOWNLOAD_SECONDS, TIMEOUT_SECONDS, ProviderDown
from services.fees.providers.files import MAX_BYTES

logger = logging.getLogger(__name__)
# The SDK calls functions of ``requests``; a session has them all.
wechatpayv3.core.requests = outward.SESSION
SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
SIGNED_HEADERS = tuple(
    f"Wechatpay-{name}" for name in ("Timestamp", "Nonce", "Serial", "Signature", "Signature-Type")
)
# Seconds by which the time of an answer or notice may differ from now, either way.
WINDOW_SECONDS = 300
# Seconds after which platform certificates are fetched again, and between two attempts: a stranger's notice
# with an unknown serial must not fetch them each time.
CERTIFICATES_SECONDS, CERTIFICATES_AGAIN_SECONDS = 11 * 3600, 60
# Serials of platform certificates; other text is no number to the SDK.
CERTIFICATE_SERIAL = re.compile(r"[0-9A-Fa-f]{1,40}")
MAX_HEADER = 1024
REDIRECTS, MANY_REQUESTS, BROKEN = 300, 429, 500


class WrongSignature(Exception):
    """Raised for an answer or notice that WeChat Pay did not sign, or not now."""


class Refusal(Exception):
    """Raised for an answer 4xx; ``code`` is WeChat Pay's."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code


class WeChatCore(Core):
    """The SDK's client for one merchant.

    It checks the time of what it verifies, and fetches platform certificates when one is needed, seldom.
    """

    _certificates: list[Certificate]

    def __init__(self, merchant_number: str, secrets: Mapping[str, str], address: str) -> None:
        self._certificates_at = self._asked_at = -float(CERTIFICATES_SECONDS)
        super().__init__(
            mchid=merchant_number,
            cert_serial_no=secrets.get("certificate_serial", ""),
            private_key=secrets.get("private_key", ""),
            apiv3_key=secrets.get("apiv3_key", ""),
            timeout=TIMEOUT_SECONDS,
            public_key=secrets.get("public_key") or None,
            public_key_id=secrets.get("public_key_id") or None,
        )
        self._gate_way = address

    def _init_certificates(self) -> None:
        """Leaves it to the first answer: no constructor asks the provider."""

    def _update_certificates(self) -> None:
        now = time.monotonic()
        if now - self._asked_at < CERTIFICATES_AGAIN_SECONDS:
            return
        self._asked_at = now
        # The SDK empties its list before it asks; other threads need the old ones meanwhile.
        asking, fresh = copy.copy(self), list[Certificate]()
        asking._certificates = fresh  # noqa: SLF001  (of its own class)
        Core._update_certificates(asking)  # noqa: SLF001
        if fresh:
            self._certificates, self._certificates_at = fresh, now

    def _verify_signature(self, headers: Mapping[str, str], body: str) -> bool:
        given = {name: headers.get(name) or "" for name in SIGNED_HEADERS}
        serial = given["Wechatpay-Serial"]
        self._check_headers(given)
        if serial != self._public_key_id:
            if not CERTIFICATE_SERIAL.fullmatch(serial):
                raise WrongSignature("serial")
            self._refresh_certificates()
        if not super()._verify_signature(given, body):
            raise WrongSignature("signature")
        return True

    def _check_headers(self, given: Mapping[str, str]) -> None:
        stamp = given["Wechatpay-Timestamp"]
        if any(not text or len(text) > MAX_HEADER or not text.isascii() for text in given.values()):
            raise WrongSignature("headers")
        if given["Wechatpay-Signature-Type"] != SIGNATURE_TYPE:
            raise WrongSignature("signature type")
        is_moment = stamp.isdecimal() and len(stamp) <= len("1764518400") + 2
        if not is_moment or abs(clock.now().timestamp() - int(stamp)) > WINDOW_SECONDS:
            raise WrongSignature("timestamp")

    def _refresh_certificates(self) -> None:
        now = datetime.fromtimestamp(clock.now().timestamp(), UTC)
        self._certificates = [one for one in self._certificates if one.not_valid_after_utc > now]
        if self._certificates and time.monotonic() - self._certificates_at > CERTIFICATES_SECONDS:
            self._update_certificates()

    def check(self, headers: Mapping[str, str], body: str) -> None:
        """Raises ``WrongSignature`` for a notice that WeChat Pay did not sign, or not now."""
        try:
            self._verify_signature(headers, body)
        except (outward.OutwardError, ValueError) as error:
            raise WrongSignature("certificates") from error


@lru_cache(maxsize=64)
def _core(merchant_number: str, credentials: str, address: str) -> WeChatCore:
    return WeChatCore(merchant_number, json.loads(credentials), address)


def core_of(account: MerchantAccount) -> WeChatCore:
    """Returns the client of a merchant; its keys are read once a process, until they are changed.

    Raises ``ProviderDown`` for credentials that cannot be read.
    """
    try:
        return _core(account.merchant_number, json.dumps(account.secrets), settings.WECHATPAY_URL.rstrip("/"))
    except Exception as error:  # the SDK raises nothing narrower
        raise ProviderDown(f"credentials: {error}") from error


def ask(
    account: MerchantAccount, path: str, content: dict[str, Any] | None = None, *, posts: bool = False
) -> dict[str, Any]:
    """Returns the content of an answer; ``content`` is posted. Raises ``Refusal`` and ``ProviderDown``."""
    method = RequestType.POST if posts or content is not None else RequestType.GET
    status, text = _request(core_of(account), path, method, content)
    found = _parse(text)
    if status < REDIRECTS:
        return found
    code = str(found.get("code") or status)
    if status >= BROKEN or status == MANY_REQUESTS:
        raise ProviderDown(code)
    raise Refusal(code, str(found.get("message") or ""))


def download(account: MerchantAccount, address: str) -> bytes:
    """Returns the file at an address of WeChat Pay, whose answer is not signed.

    Raises ``Refusal``, ``ProviderDown``, and ``ValueError`` for an address elsewhere and a file too large.
    """
    core = core_of(account)
    host = settings.WECHATPAY_URL.rstrip("/")
    if not address.startswith(f"{host}/"):
        raise ValueError(address)
    try:
        with outward.allowing(seconds=DOWNLOAD_SECONDS, size=MAX_BYTES):
            status, content = core.request(address.removeprefix(host), skip_verify=True)
    except outward.AnswerTooLarge as error:
        raise ValueError(str(error)) from error
    except outward.OutwardError as error:
        raise ProviderDown(type(error).__name__) from error
    if status >= BROKEN or status == MANY_REQUESTS:
        raise ProviderDown(str(status))
    if status >= REDIRECTS:
        raise Refusal(str(status))
    return content.encode() if isinstance(content, str) else content


def _request(
    core: WeChatCore, path: str, method: RequestType, content: dict[str, Any] | None
) -> tuple[int, str | bytes]:
    try:
        return core.request(path, method, content)
    except WrongSignature as problem:
        # A forged answer says nothing; WeChat Pay also sends some to see whether we check.
        logger.warning("fees: an answer of WeChat Pay to %s was not signed as it should: %s", path, problem)
        raise ProviderDown("signature") from problem
    except (outward.OutwardError, ValueError) as error:
        raise ProviderDown(type(error).__name__) from error


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
