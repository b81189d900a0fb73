"""Finds when staff read data of a person, by role and time, in the audit record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import StaffRole, User
from accounts.own_data.rows import declared_rows, rows_about
from community.core.audit_kinds import KINDS
from community.core.models import AuditRecord

SINCE = timedelta(days=180)
SHOWN = 30
# Newest rows of each kind whose readings are looked for.
ROWS_OF_A_KIND = 200


@dataclass(frozen=True)
class Reading:
    role: str
    at: datetime
    target: str


def readings_of(person: User, now: datetime) -> list[Reading]:
    """Returns when staff opened rows about the person, newest first; roles and no names."""
    targets = [f"accounts.user:{person.pk}"]
    for _app, declared in declared_rows():
        if declared.about:
            keys = rows_about(person, declared).order_by("-pk").values_list("pk", flat=True)[:ROWS_OF_A_KIND]
            targets += [f"{declared.model}:{key}" for key in keys]
    is_read = KINDS["reads"].condition
    records = AuditRecord.objects.filter(is_read, target__in=targets, at__gte=now - SINCE)
    read = list(records.exclude(actor=person).order_by("-at")[:SHOWN])
    roles = _roles({one.actor_id for one in read if one.actor_id})
    return [Reading(roles.get(one.actor_id or 0, ""), one.at, one.target) for one in read]


def _roles(people: set[int]) -> dict[int, str]:
    held: dict[int, list[str]] = {}
    for role in StaffRole.objects.filter(user__in=people).order_by("pk"):
        held.setdefault(role.user_id, []).append(str(role.get_role_display()))
    return {person: "、".join(dict.fromkeys(words)) for person, words in held.items()}
