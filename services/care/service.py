"""What the rest of the house needs to know about elderly care."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Service
from services.care import KEY, nav

SERVICE = Service(
    key=KEY,
    label=_("Elderly care"),
    delegation_label=_("care"),
    urls=("services.care.urls", "services.care.urls_staff"),
    api_urls=("services.care.api.urls",),
    beat={
        "close-served-meals": {"task": "services.care.tasks.close_served_meals", "schedule": 300},
        "forget-old-care-drafts": {"task": "services.care.tasks.forget_old_care_drafts", "schedule": 3600},
    },
    nav=nav.NAV,
)
