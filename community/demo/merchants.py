"""Merchant accounts and official account of the demo's company at the demo's own payment server."""

from django.conf import settings

from community.core import clock
from community.demo.payments import keys as practice
from community.demo.wechat.state import Account
from community.estates.models import PropertyCompany
from community.wechat.models import MessageTemplate, OfficialAccount
from services.fees.models import MerchantAccount

# Messages that go by WeChat in the demo, with the template's keywords and what they show.
TEMPLATES = {
    "repair_done": {"thing1": "what", "thing2": "title"},
    "job_assigned": {"thing1": "title", "thing2": "body"},
    "care_booked_for": {"thing1": "what", "thing2": "title"},
    "care_moved": {"thing1": "what", "thing2": "title"},
    "refund_done": {"amount1": "price", "thing2": "title"},
    "handover": {"thing1": "title", "thing2": "body"},
}


def enter_merchants() -> None:
    """Enters the accounts with the keys of the data folder, which are made at the first start; again after
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
    _enter_official_account(company, keys.app_secret)


def _enter_official_account(company: PropertyCompany, secret: str) -> None:
    known = Account(practice.APP_ID, secret)
    values = {"secret": secret, "token": known.token, "aes_key": known.aes_key}
    account, _is_new = OfficialAccount.objects.update_or_create(
        app_id=practice.APP_ID,
        defaults=values,
        create_defaults=values | {"company": company, "name": company.name[:40], "created_at": clock.now()},
    )
    for number, (message, fields) in enumerate(TEMPLATES.items(), 1):
        MessageTemplate.objects.get_or_create(
            account=account,
            message=message,
            way=MessageTemplate.Way.TEMPLATE,
            defaults={"template_id": f"T-practice-{number}", "fields": fields},
        )
