"""Declaration of renovation for the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Administration, StaffRole
from accounts.policies import FIELD_ROLES
from community.core.services import Delegated, MenuGroup, MenuItem, Service, StartPage
from community.core.services.rights import EDIT, EXPORT, KEEP, VIEW
from community.core.services.staff import StaffArea, StaffPage
from services.renovation import KEY, figures, home, morning, nav
from services.renovation.columns import COLUMNS
from services.renovation.messages import MESSAGES
from services.renovation.models import Appointment
from services.renovation.personal import DATA_USE, PERSONAL
from services.renovation.scopes import SCOPES

Role = StaffRole.Role

_CATALOGUE = ("renovationproject", "crew", "noisehours")
# Rows that depend on a project and are edited on its page.
_PROJECT_LINES = ("projectbuilding", "workitem", "timetablerow")
_READS: dict[str, tuple[str, ...]] = {
    f"renovation.{name}": VIEW
    for name in (*_CATALOGUE, *_PROJECT_LINES, "campaign", "participation", "appointment")
}
_KEEPS: dict[str, tuple[str, ...]] = {
    **_READS,
    **{f"renovation.{name}": EDIT for name in _CATALOGUE},
    **{f"renovation.{name}": KEEP for name in (*_PROJECT_LINES, "noisehours")},
    "renovation.participation": EXPORT,
    "renovation.appointment": EXPORT,
}


SERVICE = Service(
    key=KEY,
    label=_("Renovation"),
    delegated=Delegated(pgettext_lazy("delegation", "renovation"), _("Book renovation")),
    answers_label=_("Renovation"),
    takes_places=True,
    rights={
        Role.MANAGER: _KEEPS,
        Role.RENOVATION_COORDINATOR: _KEEPS,
        Administration.SYSTEM: {"renovation.noisehours": KEEP},
        Role.AUDITOR: {**_READS, "renovation.appointment": EXPORT},
    },
    scopes=SCOPES,
    start_pages=(
        StartPage("crew", lambda roles: Role.CREW in roles and FIELD_ROLES.issuperset(roles)),
        StartPage("staff_renovations", lambda roles: set(roles) == {Role.RENOVATION_COORDINATOR}),
    ),
    admin_menu=(
        MenuGroup(
            50,
            _("Renovation"),
            (
                MenuItem(_("Renovation projects"), "construction", "renovation.renovationproject"),
                MenuItem(_("Appointments"), "event_available", "renovation.appointment"),
                MenuItem(_("Participations"), "how_to_reg", "renovation.participation"),
                MenuItem(_("Renovation campaigns"), "campaign", "renovation.campaign"),
                MenuItem(_("Crews"), "engineering", "renovation.crew"),
                MenuItem(_("Hours for noise"), "volume_up", "renovation.noisehours"),
            ),
        ),
    ),
    messages=MESSAGES,
    done_in_name={
        "appointment:booked": _("Booked the work in the home"),
        "appointment:cancelled": _("Cancelled the work in the home"),
        "appointment:confirmed": _("Said that the work is good"),
        "appointment:defects": _("Reported defects of the work"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=("services.renovation.urls", "services.renovation.urls_staff"),
    api_urls=("services.renovation.api.urls",),
    beat={
        "remind-of-renovation": {"task": "services.renovation.tasks.remind_due", "schedule": 300},
        "tell-of-renovation-booking": {"task": "services.renovation.tasks.tell_of_campaigns", "schedule": 20},
    },
    nav=nav.NAV,
    home=home.HOME,
    figures=figures.FIGURES,
    morning=morning.MORNING,
    references={"A": StaffPage(Appointment, "staff_appointment")},
    staff_areas=(StaffArea("/crew/", "renovation/crew/base.html"),),
)
