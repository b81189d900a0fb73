"""The client of Alipay's open platform: the SDK's, with our address and limits of time."""

import json
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from alipay import AliPay, BaseAliPay, DCAliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from alipay.utils import AliPayConfig
from django.conf import settings

from community.core import clock, outward
from services.fees.models import MerchantAccount
from services.fees.providers.base import TIMEOUT_SECONDS, ProviderDown

logger = logging.getLogger(__name__)
# Importing the SDK gives its logger a handler of its own; ours is enough.
logging.getLogger("python-alipay-sdk").handlers.clear()
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
DONE, REFUSED = "10000", "40004"
# Refusals that may pass.
PASSING = {"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error"}


class Refusal(Exception):
    """Raised for a refusal by the business, which Alipay has signed; ``code`` is its ``sub_code``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _CallsOutward(BaseAliPay):
    """Makes the SDK's calls by our rules."""

    def verified_sync_response(self, data: dict[str, Any], response_type: str) -> Any:
        address = f"{self._gateway}?{self.sign_data(data)}"
        answer = outward.SESSION.get(address, timeout=self._config.timeout)
        answer.raise_for_status()
        return self._verify_and_return_sync_response(answer.content.decode(), response_type)


class _ByKey(_CallsOutward, AliPay):
    pass


class _ByCertificates(_CallsOutward, DCAliPay):
    pass


@lru_cache(maxsize=64)
def _client(app_id: str, credentials: str, address: str) -> BaseAliPay:
    secrets: Mapping[str, str] = json.loads(credentials)
    if secrets.get("root_certificate"):
        made: BaseAliPay = _ByCertificates(
            appid=app_id,
            app_private_key_string=secrets["private_key"],
            app_public_key_cert_string=secrets["app_certificate"],
            alipay_public_key_cert_string=secrets["alipay_certificate"],
            # The SDK divides the file at empty lines.
            alipay_root_cert_string="\n\n".join(CERTIFICATE.findall(secrets["root_certificate"])),
        )
    else:
        made = _ByKey(
            appid=app_id,
            app_private_key_string=secrets["private_key"],
            alipay_public_key_string=secrets["alipay_public_key"],
        )
    made._gateway = address  # noqa: SLF001  (the SDK has no setting for it)
    # DCAliPay takes no configuration.
    made._config = AliPayConfig(timeout=TIMEOUT_SECONDS)  # noqa: SLF001
    return made


def client_of(account: MerchantAccount) -> BaseAliPay:
    """Returns the client of a merchant; its keys are read once a process, until they are changed.

    Raises ``ProviderDown`` for credentials that cannot be read.
    """
    try:
        return _client(account.app_id, json.dumps(account.secrets), settings.ALIPAY_URL)
    except Exception as error:  # the SDK and its libraries raise nothing narrower
        raise ProviderDown(f"credentials: {error!r}") from error


def moment() -> dict[str, str]:
    """Returns the time of a request; the SDK's own is that of the process's time zone."""
    return {"timestamp": f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}"}


def ask(account: MerchantAccount, method: str, content: dict[str, Any]) -> dict[str, Any]:
    """Returns the content of a signed answer. Raises ``Refusal`` and ``ProviderDown``."""
    client = client_of(account)
    try:
        found = client.server_api(method, content, **moment())
    except AliPayValidationError as problem:
        logger.warning("fees: an answer of Alipay to %s was not signed as it should", method)
        raise ProviderDown("signature") from problem
    except AliPayException as problem:
        # Not signed, so that nothing may follow from it; mostly our own keys or rights are wrong.
        raise ProviderDown(_sub_code(str(problem))) from problem
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ProviderDown(type(error).__name__) from error
    code, sub_code = str(found.get("code")), str(found.get("sub_code") or "")
    if code == DONE:
        return found
    if code == REFUSED and sub_code not in PASSING:
        raise Refusal(sub_code)
    raise ProviderDown(sub_code or code)


def _sub_code(text: str) -> str:
    found = re.search(r'"sub_code"\s*:\s*"([^"]{1,64})"', text)
    return found[1] if found else "unsigned"
