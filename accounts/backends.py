"""What a staff role may do in the back office, answered through ``user.has_perm``.

``user.has_perm("repairs.view_repair")`` asks for any estate, ``user.has_perm(…, estate_pk)`` for one.
Django's own permission rows are not used: roles are the one place where rights are given.
"""

from collections import defaultdict
from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import StaffRole, User

Role = StaffRole.Role

VIEW, EXPORT = ("view",), ("view", "export")
EDIT = ("view", "add", "change")
KEEP = ("view", "add", "change", "delete")
WITH_FILES = (*EDIT, "import", "export")

_DESK_READS: dict[str, tuple[str, ...]] = {
    "estates.building": VIEW,
    "estates.entrance": VIEW,
    "estates.home": VIEW,
    "estates.publicplace": VIEW,
    "accounts.residency": VIEW,
    "accounts.user": VIEW,
}
_TIMES = ("scheduling.resource", "scheduling.weeklyhours", "scheduling.closure", "estates.calendarday")
_SEES_TIMES = dict.fromkeys((*_TIMES, "scheduling.slot", "scheduling.place"), VIEW)
_KEEPS_TIMES = (
    _SEES_TIMES
    | dict.fromkeys(_TIMES, KEEP)
    # Whoever enters something of an estate chooses the estate.
    | {"estates.estate": VIEW}
)
_MONEY_READS: dict[str, tuple[str, ...]] = {
    f"fees.{name}": VIEW for name in ("feeitem", "bill", "payment", "refund")
}
_MONEY: dict[str, tuple[str, ...]] = {
    **_MONEY_READS,
    **{f"fees.{name}": EXPORT for name in ("bill", "payment")},
    **{f"fees.{name}": VIEW for name in ("ledgertransaction", "account", "providernotice")},
}
_CARE_READS: dict[str, tuple[str, ...]] = {
    f"care.{name}": VIEW for name in ("provider", "careservice", "carer", "carebooking")
}
_KEEPS_CARE = {
    **{f"care.{name}": EDIT for name in ("provider", "careservice", "carer")},
    "care.carebooking": EXPORT,
}
_RENOVATION = ("renovationproject", "crew", "noisehours")
# What hangs on a project: its lines are written on its page.
_PROJECT_LINES = ("projectbuilding", "workitem", "timetablerow")
_RENOVATION_READS: dict[str, tuple[str, ...]] = {
    **{f"renovation.{name}": VIEW for name in (*_RENOVATION, *_PROJECT_LINES)},
    **{f"renovation.{name}": VIEW for name in ("campaign", "participation", "appointment")},
}
_KEEPS_RENOVATION = {
    **_RENOVATION_READS,
    **{f"renovation.{name}": EDIT for name in _RENOVATION},
    **{f"renovation.{name}": KEEP for name in (*_PROJECT_LINES, "noisehours")},
    "renovation.participation": EXPORT,
    "renovation.appointment": EXPORT,
}
# What each role may do with what; verbs on repairs and residencies are asked of their own policies.
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    Role.MANAGER: {
        **_KEEPS_TIMES,
        **_KEEPS_CARE,
        **_KEEPS_RENOVATION,
        "estates.estate": ("view", "change"),
        "estates.building": (*KEEP, "export"),
        "estates.entrance": KEEP,
        "estates.home": (*WITH_FILES, "delete"),
        "estates.publicplace": (*KEEP, "export", "print"),
        "estates.workinghours": KEEP,
        "accounts.user": EXPORT,
        # Given and taken away; which ones, and to whom, is asked of ``may_give_role``.
        "accounts.staffrole": ("view", "add", "delete"),
        "accounts.rosterentry": (*WITH_FILES, "delete"),
        "accounts.residency": EXPORT,
        "accounts.delegation": VIEW,
        **_MONEY,
        "fees.feeitem": EDIT,
        "repairs.repair": EXPORT,
        "repairs.repaircategory": KEEP,
        "help.helpcall": EXPORT,
        "common.alarm": EXPORT,
        "common.satisfaction": EXPORT,
        "common.responsetime": KEEP,
        "common.responseclock": EXPORT,
        "feedback.feedback": EXPORT,
        "feedback.standardanswer": KEEP,
        "notices.notice": EXPORT,
        "notifications.outboxmessage": ("view", "change"),
        "desk.dayfigure": EXPORT,
    },
    Role.DISPATCHER: {
        **_DESK_READS,
        "estates.publicplace": ("view", "print"),
        "repairs.repair": EXPORT,
        "repairs.repaircategory": VIEW,
        "help.helpcall": VIEW,
        "common.alarm": VIEW,
        "common.satisfaction": VIEW,
        "notifications.outboxmessage": ("view", "change"),
    },
    Role.FRONT_DESK: {
        **_DESK_READS,
        **_SEES_TIMES,
        **_MONEY_READS,
        **_CARE_READS,
        "estates.publicplace": ("view", "print"),
        "accounts.rosterentry": EDIT,
        "accounts.delegation": VIEW,
        "repairs.repair": VIEW,
        "help.helpcall": VIEW,
        "common.alarm": VIEW,
        "feedback.feedback": VIEW,
        "feedback.standardanswer": EDIT,
        "notices.notice": EXPORT,
    },
    Role.CASHIER: {**_DESK_READS, **_MONEY, "fees.feeitem": EDIT, "estates.estate": VIEW},
    Role.CARE_COORDINATOR: {**_DESK_READS, **_KEEPS_TIMES, **_KEEPS_CARE, "common.satisfaction": VIEW},
    Role.RENOVATION_COORDINATOR: {**_DESK_READS, **_KEEPS_TIMES, **_KEEPS_RENOVATION},
    Role.AUDITOR: {
        **_DESK_READS,
        **_SEES_TIMES,
        **_MONEY,
        **_CARE_READS,
        "care.carebooking": EXPORT,
        **_RENOVATION_READS,
        "renovation.appointment": EXPORT,
        "estates.estate": VIEW,
        "estates.workinghours": VIEW,
        "accounts.staffrole": EXPORT,
        "accounts.rosterentry": VIEW,
        "accounts.delegation": VIEW,
        "accounts.apitoken": VIEW,
        "repairs.repair": EXPORT,
        "repairs.repaircategory": VIEW,
        "help.helpcall": EXPORT,
        "common.alarm": EXPORT,
        "common.satisfaction": EXPORT,
        "common.responsetime": VIEW,
        "common.responseclock": EXPORT,
        "feedback.feedback": EXPORT,
        "notices.notice": EXPORT,
        "notifications.outboxmessage": VIEW,
        "core.auditrecord": EXPORT,
        "desk.dayfigure": EXPORT,
    },
}


def _permissions(role: str) -> set[str]:
    return {
        f"{label.partition('.')[0]}.{verb}_{label.partition('.')[2]}"
        for label, verbs in RIGHTS.get(role, {}).items()
        for verb in verbs
    }


PERMISSIONS: dict[str, set[str]] = {role: _permissions(role) for role in Role.values}


class RoleBackend(BaseBackend):
    """Rights from roles; whoever has no role has none."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        if obj is not None and not isinstance(obj, int):
            return set()
        return _granted(user_obj).get(obj, set())

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions(user_obj))


def _granted(user: User) -> dict[int | None, set[str]]:
    """Rights by estate, and under None those of all together; asked once a request's user."""
    known: dict[int | None, set[str]] | None = getattr(user, "_rights_by_estate", None)
    if known is None:
        known = defaultdict(set)
        for estate, role in StaffRole.objects.held_by(user).values_list("estate", "role"):
            known[estate] |= PERMISSIONS[role]
            known[None] |= PERMISSIONS[role]
        user._rights_by_estate = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known
