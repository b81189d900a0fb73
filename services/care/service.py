"""Declaration of elderly care for the rest of the product."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Administration, StaffRole
from accounts.policies import FIELD_ROLES
from community.core.services import Delegated, MenuGroup, MenuItem, Service, StartPage
from community.core.services.rights import EDIT, EXPORT, VIEW
from community.core.services.staff import StaffArea, StaffPage
from services import fees
from services.care import KEY, figures, handover, home, morning, nav, residents
from services.care.columns import COLUMNS
from services.care.messages import MESSAGES
from services.care.models import CareBooking
from services.care.personal import DATA_USE, PERSONAL
from services.care.scopes import SCOPES

Role = StaffRole.Role

_READS = {f"care.{name}": VIEW for name in ("provider", "careservice", "carer", "carebooking")}
_KEEPS: dict[str, tuple[str, ...]] = {
    **{f"care.{name}": EDIT for name in ("provider", "careservice", "carer")},
    "care.carebooking": EXPORT,
}


SERVICE = Service(
    key=KEY,
    label=_("Elderly care"),
    delegated=Delegated(_("care"), _("Book care")),
    answers_label=_("Elderly care"),
    takes_places=True,
    # A visit that has been made becomes a bill.
    needs=frozenset({fees.KEY}),
    rights={
        Role.MANAGER: _KEEPS,
        Role.FRONT_DESK: _READS,
        Role.CARE_COORDINATOR: _KEEPS,
        Administration.SYSTEM: {"care.careservice": EDIT, "care.provider": EDIT},
        Role.AUDITOR: {**_READS, "care.carebooking": EXPORT},
    },
    scopes=SCOPES,
    start_pages=(
        StartPage("care_work", lambda roles: Role.CARER in roles and FIELD_ROLES.issuperset(roles)),
        StartPage("care_week", lambda roles: set(roles) == {Role.CARE_COORDINATOR}),
    ),
    admin_menu=(
        MenuGroup(
            40,
            _("Elderly care"),
            (
                MenuItem(_("Care bookings"), "event_available", "care.carebooking"),
                MenuItem(_("Care catalogue"), "volunteer_activism", "care.careservice"),
                MenuItem(_("Carers"), "elderly", "care.carer"),
                MenuItem(_("Care providers"), "storefront", "care.provider"),
            ),
        ),
    ),
    messages=MESSAGES,
    done_in_name={
        "carebooking:booked": _("Booked a visit"),
        "carebooking:cancelled": _("Cancelled a visit"),
    },
    acts={
        "care.carer_picture_added": _("Picture of a carer added"),
        "care.carer_picture_agreed": _("Carer agreed to the picture"),
        "care.carer_picture_removed": _("Picture of a carer removed"),
        "care.carer_picture_withdrawn": _("Carer withdrew the picture"),
        "care.contact_shown": _("Contact of a care visit looked at"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=("services.care.urls", "services.care.urls_staff"),
    api_urls=("services.care.api.urls",),
    beat={
        "close-served-meals": {"task": "services.care.tasks.close_served_meals", "schedule": 300},
        "forget-old-care-drafts": {"task": "services.care.tasks.forget_old_care_drafts", "schedule": 3600},
    },
    nav=nav.NAV,
    home=home.HOME,
    figures=figures.FIGURES,
    morning=morning.MORNING,
    references={"C": StaffPage(CareBooking, "care_desk_booking")},
    staff_areas=(StaffArea("/care-work/", "care/work/base.html"),),
    resident_actions=residents.ACTIONS,
    handover=handover.HANDOVER,
)
