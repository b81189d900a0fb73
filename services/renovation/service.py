"""What the rest of the house needs to know about renovation."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.services import Service
from community.core.services.staff import StaffArea, StaffPage
from services.renovation import KEY, nav
from services.renovation.models import Appointment

SERVICE = Service(
    key=KEY,
    label=_("Renovation"),
    delegation_label=pgettext_lazy("delegation", "renovation"),
    urls=("services.renovation.urls", "services.renovation.urls_staff"),
    api_urls=("services.renovation.api.urls",),
    beat={
        "remind-of-renovation": {"task": "services.renovation.tasks.remind_due", "schedule": 300},
        "tell-of-renovation-booking": {"task": "services.renovation.tasks.tell_of_campaigns", "schedule": 20},
    },
    nav=nav.NAV,
    references={"A": StaffPage(Appointment, "staff_appointment")},
    staff_areas=(StaffArea("/crew/", "renovation/crew/base.html"),),
)
