"""The payment providers that are switched on (``FEES_PROVIDERS``); one file each."""

from django.conf import settings

from community.estates.models import Estate
from services.fees.models import MerchantAccount
from services.fees.providers.alipay import Alipay
from services.fees.providers.base import Client, Provider
from services.fees.providers.sandbox import Sandbox
from services.fees.providers.wechat import WeChat

KNOWN: dict[str, Provider] = {Sandbox.name: Sandbox(), WeChat.name: WeChat(), Alipay.name: Alipay()}


def names() -> list[str]:
    """Returns the providers that are switched on, the default first."""
    return [name for name in settings.FEES_PROVIDERS if name in KNOWN]


def named(name: str) -> Provider:
    """Returns a provider, also one that is switched off since: its payments must still be handled.

    Raises ``KeyError`` for an unknown name.
    """
    return KNOWN[name]


def names_for(estate: Estate, client: Client | None = None) -> list[str]:
    """Returns the providers by which an estate's bills can be paid, the default first; with ``client`` those
    that work in this browser. Empty where residents pay at the counter only. One query at most.
    """
    found = [name for name in names() if client is None or named(name).suits(client)]
    if not any(named(name).needs_merchant for name in found):
        return found
    accounts = set(MerchantAccount.objects.for_estate(estate).values_list("provider", flat=True))
    return [name for name in found if not named(name).needs_merchant or name in accounts]


def merchant_for(name: str, estate: Estate) -> MerchantAccount | None:
    """Returns the account to which money of an estate goes; None for a provider that needs none.

    Raises ``LookupError`` where the estate has none.
    """
    if not named(name).needs_merchant:
        return None
    found = MerchantAccount.objects.for_estate(estate).filter(provider=name).first()
    if found is None:
        raise LookupError(name)
    return found
