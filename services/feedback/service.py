"""Declaration of the feedback service."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Administration, StaffRole
from community.core.services import Delegated, MenuGroup, MenuItem, Service
from community.core.services.rights import EDIT, EXPORT, KEEP, VIEW
from community.core.services.staff import StaffPage
from services.feedback import KEY, figures, home, morning, nav
from services.feedback.columns import COLUMNS
from services.feedback.messages import MESSAGES
from services.feedback.models import Feedback
from services.feedback.personal import DATA_USE, PERSONAL
from services.feedback.roles import DEPARTMENTS, OVERSEEING
from services.feedback.scopes import SCOPES

Role = StaffRole.Role


SERVICE = Service(
    key=KEY,
    label=_("Feedback"),
    delegated=Delegated(pgettext_lazy("delegation", "feedback"), _("Give feedback")),
    answers_label=_("Feedback"),
    rights={
        Role.MANAGER: {"feedback.feedback": EXPORT, "feedback.standardanswer": KEEP},
        Role.FRONT_DESK: {"feedback.feedback": VIEW, "feedback.standardanswer": EDIT},
        Administration.SYSTEM: {"feedback.standardanswer": KEEP},
        Role.AUDITOR: {"feedback.feedback": EXPORT},
    },
    scopes=SCOPES,
    admin_menu=(
        MenuGroup(
            20,
            _("Feedback"),
            (
                MenuItem(_("Feedback"), "forum", "feedback.feedback"),
                MenuItem(_("Standard answers"), "quickreply", "feedback.standardanswer"),
            ),
        ),
    ),
    messages=MESSAGES,
    done_in_name={
        "feedback:new": _("Wrote to the property office"),
        "feedback:withdrawn": _("Took a message back"),
        "feedback:closed": _("Said that it is solved"),
        "feedback:reopened": _("Said that it is not solved"),
    },
    acts={
        "feedback.contact_shown": _("Contact of feedback looked at"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=("services.feedback.urls", "services.feedback.urls_staff"),
    api_urls=("services.feedback.api.urls",),
    beat={
        "close-answered-feedback": {
            "task": "services.feedback.tasks.close_answered_feedback",
            "schedule": 600,
        },
        "tell-of-nameless": {
            "task": "services.feedback.tasks.tell_of_nameless_feedback",
            "schedule": crontab(minute="1,31"),
        },
    },
    nav=nav.NAV,
    home=home.HOME,
    figures=figures.FIGURES,
    morning=morning.MORNING,
    first_answers=morning.FIRST_ANSWERS,
    references={"F": StaffPage(Feedback, "staff_feedback_one")},
    reference_readers=frozenset({*DEPARTMENTS, *OVERSEEING}),
    unrecorded_paths=("/feedback/new/", "/feedback/without-name/", "/feedback/code/"),
)
