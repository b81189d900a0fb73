"""The pages that a member of staff can open, with what waits there: the start page and the side nav."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from accounts.policies import roles_of
from community.core import clock
from community.core.changes import EVERYTHING
from community.core.moments import next_of, noted
from community.core.services import nav_entries
from community.core.services.nav import NavEntry, StaffMember
from community.notifications import kept, live
from community.notifications.topics import EVERYWHERE, desk_topic
from services.common.actions import board_topic


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
    """The pages that this person's roles open, with what waits on them. Two queries while nothing changes, else
    a few for each entry that may have changed.
    """
    member = StaffMember(user, frozenset(roles_of(user)), clock.now())
    entries = nav_entries()
    counts = _counts(member, [entry for entry in entries if entry.areas is not None])
    found = [
        _shown(one, counts[str(one.url)] if one.areas is not None else _count(one, member)) for one in entries
    ]
    return [entry for entry in found if entry]


def _counts(member: StaffMember, entries: list[NavEntry]) -> dict[str, int | None]:
    """Returns what waits on each entry, None for one that is not the person's; kept while nothing changes."""
    held = access_of(member.user).roles
    held_by = (member.user.administration, sorted(held))
    key = kept.key_of("nav", member.user.pk, *held_by, clock.today(member.now))
    known = kept.load_or_wait(key) or {}
    estates = {estate for estate, _role in held}
    if member.user.administration:
        estates.add(EVERYWHERE)
    topics = {str(entry.url): _topics(entry, estates) for entry in entries}
    # Read before anything is counted: what changes in between makes the count old.
    wanted = {topic for some in topics.values() for topic in some}
    # The topic of the alarm bar is not counted under, but stands on most of these pages.
    wanted |= {board_topic(estate) for estate in estates - {EVERYWHERE}}
    rows = live.topics_of_page(member.user, wanted, anew=True)
    numbers = {name: row.number if row else 0 for name, row in rows.items()}
    made = {}
    for entry in entries:
        url = str(entry.url)
        if url in known and kept.is_current(known[url], numbers, member.now):
            made[url] = known[url]
        else:
            made[url] = _counted(entry, member, {topic: numbers[topic] for topic in topics[url]})
    if made != known:
        kept.save(key, made)
    return {url: one["count"] for url, one in made.items()}


def _topics(entry: NavEntry, estates: Iterable[int]) -> list[str]:
    return [EVERYTHING, *(desk_topic(area, estate) for area in entry.areas or () for estate in estates)]


def _counted(entry: NavEntry, member: StaffMember, numbers: Mapping[str, int]) -> dict[str, Any]:
    with noted() as moments:
        count = _count(entry, member)
    until = next_of(moments, member.now, kept.LONGEST)
    return {"count": count, "numbers": numbers, "until": until.timestamp()}


def _count(entry: NavEntry, member: StaffMember) -> int | None:
    if not entry.opens_for(member):
        return None
    return entry.count(member) if entry.count else 0


def _shown(entry: NavEntry, count: int | None) -> Entry | None:
    if count is None or (entry.hides_at_zero and not count):
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
