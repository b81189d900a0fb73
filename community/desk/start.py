"""The pages that a member of staff can open, with what waits there: the start page and the side nav."""

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import roles_of
from community.core import clock
from community.core.services import nav_entries
from community.core.services.nav import NavEntry, StaffMember


@dataclass(frozen=True)
class Entry:
    """A page of the back office, as the side nav shows it to a person."""

    url: str
    label: str | Promise
    icon: str
    tone: str = "plain"
    count: int = 0
    hint: str | Promise = ""
    current: bool = False


def waiting(user: User) -> list[Entry]:
    """The pages that this person's roles open, with what waits on them. A few queries, whatever the data."""
    member = StaffMember(user, frozenset(roles_of(user)), clock.now())
    found = [_shown(entry, member) for entry in nav_entries() if entry.opens_for(member)]
    return [entry for entry in found if entry]


def _shown(entry: NavEntry, member: StaffMember) -> Entry | None:
    count = entry.count(member) if entry.count else 0
    if entry.hides_at_zero and not count:
        return None
    return Entry(str(entry.url), entry.label, entry.icon, entry.tone, count, entry.hint)


def nav(request: HttpRequest, user: User) -> list[Entry]:
    """The side nav: the start page, then the same entries, the present one marked."""
    entries = waiting(user)
    here = max((one.url for one in entries if request.path.startswith(one.url)), key=len, default="")
    start = Entry("/staff/", _("Start"), "home", current=request.path == "/staff/")
    return [
        start,
        *(replace(one, current=one.url == here) for one in entries),
    ]
