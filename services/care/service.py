"""What the rest of the house needs to know about elderly care."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Service
from community.core.services.staff import StaffArea, StaffPage
from services.care import KEY, handover, nav, residents
from services.care.models import CareBooking

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
    references={"C": StaffPage(CareBooking, "care_desk_booking")},
    staff_areas=(StaffArea("/care-work/", "care/work/base.html"),),
    resident_actions=residents.ACTIONS,
    handover=handover.HANDOVER,
)
