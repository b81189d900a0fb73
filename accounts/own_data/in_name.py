"""Reads from the audit record the acts of others in a resident's name (亲情代办)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Delegation, StaffRole, User
from accounts.models.access import access_of, any_of
from community.core import audit_words, services
from community.core.models import AuditRecord
from community.core.paging import newest_first


@dataclass(frozen=True)
class Act:
    """An entry of the log: what was done, by whom, when."""

    title: str
    by: str
    at: datetime


def acts_in_name_of(resident: User, *, reader: User, before: str = "") -> tuple[list[Act], str]:
    """Returns a page of what others did for the resident, newest first, and the key of the next one.

    The resident reads all of it; a delegate reads the services in which they may act now, and their own acts.
    At most three queries, whatever the number of acts.
    """
    rows = AuditRecord.objects.filter(_of_services(), action="on_behalf", detail__person=resident.pk)
    if reader.pk != resident.pk:
        access = access_of(reader)
        mine = [one.key for one in services.declared() if resident.pk in access.acts_for(one.key)]
        rows = rows.filter(Q(actor=reader) | _of(mine))
    found, older = newest_first(rows.exclude(actor=resident).exclude(actor=None), before=before, by="at")
    names = _names(resident, reader, {one.actor_id for one in found if one.actor_id})
    return [Act(_words(one), names[one.actor_id or 0], one.at) for one in found], older


def _of_services() -> Q:
    """Returns the condition for rows of services: what stands behind them, such as a place, is none of them."""
    return _of(one.key for one in services.declared())


def _of(keys: Iterable[str]) -> Q:
    return any_of(Q(target__startswith=f"{key}.") for key in keys)


def _words(record: AuditRecord) -> str:
    app, _dot, model = record.target.partition(":")[0].partition(".")
    code = record.detail.get("step", "")
    service = services.find(app)
    words = service.done_in_name.get(f"{model}:{code}") if service else None
    return str(words) if words else audit_words.step(record.target, code)


def _names(resident: User, reader: User, people: set[int]) -> dict[int, str]:
    """Returns for each of these people what the reader may know: the resident reads the names of relatives
    who agreed to help; staff have no name.
    """
    accepted = Delegation.objects.accepted().filter(resident=resident, delegate__in=people)
    family = {one.delegate_id: str(one.delegate) for one in accepted.select_related("delegate")}
    staff = set(StaffRole.ever.filter(user__in=people - set(family)).values_list("user", flat=True))
    names = {}
    for person in people:
        name = family.get(person, "") if reader.pk in (resident.pk, person) else ""
        names[person] = name or (str(_("Staff")) if person in staff else pgettext("who acted", "Family"))
    return names
