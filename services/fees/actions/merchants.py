"""Trying a merchant account: what is wrong with it, in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError
from services.fees import providers
from services.fees.models import MerchantAccount
from services.fees.providers.base import ProviderDown, ProviderRefused

# By what the provider's code begins with.
WORDS: dict[str, str | Promise] = {
    "SIGN_ERROR": _("The private key or the certificate's serial number is not the merchant's."),
    "MCH_NOT_EXISTS": _("The provider does not know the merchant number."),
    "PARAM_ERROR": _("The merchant number is wrong."),
    "NO_AUTH": _("The merchant has no right to do this. Please look in its contract."),
    "RESOURCE_NOT_EXISTS": _("This merchant has no platform certificates: enter WeChat Pay's public key."),
    "signature": _("The answer is signed by another key: WeChat Pay's or Alipay's public key is wrong."),
    "credentials": _("The keys cannot be read. Please enter them again."),
    "isv.invalid-app-id": _("Alipay does not know the application."),
    "isv.invalid-signature": _("The private key is not the application's."),
    "isv.missing": _("The certificates are not the application's."),
}


def try_merchant(*, merchant: MerchantAccount) -> None:
    """Asks the provider a harmless question. Raises ``ActionError`` that says what is wrong."""
    try:
        providers.named(merchant.provider).try_out(merchant)
    except (ProviderDown, ProviderRefused) as problem:
        code = str(problem)
        known = next((words for begin, words in WORDS.items() if code.startswith(begin)), None)
        if known is None:
            known = _("The provider does not answer as it should: %(code)s") % {"code": code[:60]}
        raise ActionError("merchant_fails", known) from problem
