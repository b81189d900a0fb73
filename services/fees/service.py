"""What the rest of the house needs to know about fees."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Service
from community.core.services.staff import StaffPage
from services.fees import KEY, nav, residents
from services.fees.models import Bill, Payment

SERVICE = Service(
    key=KEY,
    label=_("Fees"),
    delegation_label=_("fees"),
    urls=("services.fees.urls", "services.fees.urls_staff"),
    api_urls=("services.fees.api.urls",),
    beat={
        "ask-providers": {"task": "services.fees.tasks.ask_providers", "schedule": 30},
        "sweep-refunds": {"task": "services.fees.tasks.sweep_refunds", "schedule": 60},
        "resume-billing": {"task": "services.fees.tasks.resume_billing", "schedule": 60},
        "call-from-sandbox": {"task": "services.fees.tasks.call_from_sandbox", "schedule": 5},
    },
    nav=nav.NAV,
    references={"B": StaffPage(Bill, "fees_bill"), "P": StaffPage(Payment, "fees_payment")},
    resident_actions=residents.ACTIONS,
)
