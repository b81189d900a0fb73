"""Merchant accounts of the demo's company at the demo's own payment server."""

from django.conf import settings

from community.core import clock
from community.demo.payments import keys as practice
from community.estates.models import PropertyCompany
from services.fees.models import MerchantAccount


def enter_merchants() -> None:
    """Enters both accounts with the keys of the data folder, which are made at the first start; again after
    the keys were lost.
    """
    keys = practice.kept_keys(settings.DATA_DIR)
    company = PropertyCompany.objects.order_by("pk").first()
    if company is None:
        return
    entered = {
        "wechat": (practice.MERCHANT, practice.APP_ID, keys.wechat_credentials()),
        "alipay": (practice.SELLER, practice.ALIPAY_APP, keys.alipay_credentials()),
    }
    for provider, (number, app_id, credentials) in entered.items():
        values = {"app_id": app_id, "credentials": credentials}
        MerchantAccount.objects.update_or_create(
            provider=provider,
            merchant_number=number,
            defaults=values,
            create_defaults=values | {"company": company, "created_at": clock.now()},
        )
