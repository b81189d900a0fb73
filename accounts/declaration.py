"""Declaration of accounts: admin rights of people and of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.actions import handed, people, sessions
from accounts.approvals import BY_TWO, act_words
from accounts.columns import COLUMNS
from accounts.messages import MESSAGES
from accounts.models import Administration, StaffRole
from accounts.personal_rows import DATA_USE, PERSONAL
from community.core.services import App, MenuGroup, MenuItem, Retention
from community.core.services.rights import EDIT, EXPORT, KEEP, VIEW

Role = StaffRole.Role

WITH_FILES = (*EDIT, "import", "export")
_DESK_READS: dict[str, tuple[str, ...]] = {
    "estates.building": VIEW,
    "estates.entrance": VIEW,
    "estates.home": VIEW,
    "estates.publicplace": VIEW,
    "accounts.residency": VIEW,
    "accounts.user": VIEW,
}
# Needed to choose the estate of a new row.
_COORDINATES = {**_DESK_READS, "estates.estate": VIEW, "estates.calendarday": KEEP}

APP = App(
    rights={
        Role.MANAGER: {
            "estates.estate": ("view", "change"),
            "estates.calendarday": KEEP,
            "estates.building": (*KEEP, "export"),
            "estates.entrance": KEEP,
            "estates.home": (*WITH_FILES, "delete"),
            "estates.publicplace": (*KEEP, "export", "print"),
            "estates.workinghours": KEEP,
            "accounts.user": EXPORT,
            # Given and ended; ``may_give_role`` decides which roles, and to whom.
            "accounts.staffrole": ("view", "add", "delete"),
            "accounts.rosterentry": (*WITH_FILES, "delete"),
            "accounts.residency": EXPORT,
            "accounts.delegation": VIEW,
            "notifications.outboxmessage": ("view", "change"),
        },
        Role.DISPATCHER: {
            **_DESK_READS,
            "estates.publicplace": ("view", "print"),
            "notifications.outboxmessage": ("view", "change"),
        },
        Role.FRONT_DESK: {
            **_DESK_READS,
            "estates.calendarday": VIEW,
            "estates.publicplace": ("view", "print"),
            "accounts.rosterentry": EDIT,
            "accounts.delegation": VIEW,
        },
        Role.CASHIER: {**_DESK_READS, "estates.estate": VIEW},
        Role.CARE_COORDINATOR: _COORDINATES,
        Role.RENOVATION_COORDINATOR: _COORDINATES,
        Role.AUDITOR: {
            **_DESK_READS,
            "estates.calendarday": VIEW,
            "estates.estate": VIEW,
            "estates.workinghours": VIEW,
            "accounts.staffrole": EXPORT,
            "accounts.rosterentry": VIEW,
            "accounts.delegation": VIEW,
            "accounts.apitoken": VIEW,
            "notifications.outboxmessage": VIEW,
            "core.auditrecord": EXPORT,
            "core.retentionday": VIEW,
        },
        Administration.SYSTEM: {
            "estates.propertycompany": EDIT,
            "estates.estate": KEEP,
            "estates.calendarday": KEEP,
            "estates.building": (*KEEP, "export"),
            "estates.entrance": KEEP,
            "estates.home": (*WITH_FILES, "delete"),
            "estates.publicplace": (*KEEP, "export", "print"),
            "estates.workinghours": KEEP,
            "wechat.officialaccount": EDIT,
            "wechat.grouprobot": KEEP,
            "wechat.robotmessage": ("view", "change"),
            "core.retentionday": VIEW,
        },
        Administration.SECURITY: {
            "estates.estate": VIEW,
            "accounts.user": EDIT,
            "accounts.staffrole": ("view", "add", "delete"),
            "accounts.apitoken": VIEW,
            # Sign-ins, failures and refusals.
            "core.auditrecord": VIEW,
        },
        Administration.AUDIT: {
            "accounts.staffrole": EXPORT,
            "accounts.apitoken": VIEW,
            "core.auditrecord": EXPORT,
            "core.retentionday": VIEW,
        },
    },
    admin_menu=(
        MenuGroup(
            80,
            _("Residents"),
            (
                MenuItem(_("People"), "group", "accounts.user"),
                MenuItem(_("Residencies"), "house", "accounts.residency"),
                MenuItem(_("Roster"), "list_alt", "accounts.rosterentry"),
                MenuItem(_("Family delegations"), "family_restroom", "accounts.delegation"),
            ),
        ),
        MenuGroup(
            140,
            _("System"),
            (
                MenuItem(_("Staff roles"), "badge", "accounts.staffrole"),
                MenuItem(_("API tokens"), "key", "accounts.apitoken"),
            ),
        ),
    ),
    messages=MESSAGES,
    by_two=BY_TWO,
    message_words={"act": ("act", act_words)},
    retention=(
        Retention(
            "sessions", _("expired sessions"), _("until they expire"), sessions.forget_expired_sessions
        ),
        Retention(
            "unverified_people",
            _("numbers that were never confirmed"),
            _("a day"),
            people.forget_unverified_people,
        ),
        Retention("handed_forms", _("forms handed to the family"), _("2 days"), handed.forget_old_handed),
    ),
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    beat={
        "end-roles-of-the-past": {"task": "accounts.tasks.end_roles_of_the_past", "schedule": 300},
        "keep-last-days": {"task": "accounts.tasks.keep_last_days", "schedule": 300},
        "forget-unverified-people": {"task": "accounts.tasks.forget_unverified_people", "schedule": 3600},
        "carry-out-erasures": {"task": "accounts.tasks.carry_out_erasures", "schedule": 3600},
        "forget-handed-forms": {"task": "accounts.tasks.forget_handed_forms", "schedule": 3600},
        "forget-expired-sessions": {"task": "accounts.tasks.forget_expired_sessions", "schedule": 3600},
    },
)
