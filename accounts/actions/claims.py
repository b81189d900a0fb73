"""Homes out of the roster: whoever signs in by a number that it names."""

from collections import defaultdict
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.actions.people import take_name
from accounts.actions.residencies import AlreadyThere, start_residency, tell_of_residency, tell_owners
from accounts.actions.roster import CLOSED, is_answered, lock_roster_entries, opens_home
from accounts.models import Residency, RosterEntry, User
from community.core import clock
from community.core.transitions import move
from community.estates.models import Estate
from community.notifications import live, outbox

Status = Residency.Status


def claim_roster_homes(*, user: User, now: datetime) -> list[Residency]:
    """Give a person with a checked number the homes that a roster lists under it; returns those given.

    A line that is old, or of a home that was left by it, only asks for the home: the desk or an owner
    decides. Repeating it changes nothing. ``user`` takes the roster's name with the home, if they have none.
    """
    if not user.phone:
        return []
    claimed = []
    with transaction.atomic():
        lines = lock_roster_entries(RosterEntry.objects.standing().with_phone(user.phone))
        if not lines:
            return []
        earlier = defaultdict(list)
        for residency in user.residencies.all():
            earlier[residency.home_id].append(residency)
        for line in _best_a_home(lines, user, earlier, now):
            with suppress(AlreadyThere):  # the desk has just entered them
                given = _claim(user, line, earlier[line.home_id], now)
                if given is not None:
                    claimed.append(given)
                    take_name(user, line.name)
    return claimed


def _best_a_home(
    lines: list[RosterEntry], user: User, earlier: dict[int, list[Residency]], now: datetime
) -> list[RosterEntry]:
    """Of a couple with one phone the line that opens the home, an owner's before another's."""
    best: dict[int, RosterEntry] = {}

    def weight(line: RosterEntry) -> tuple[bool, bool, int]:
        closed = [one for one in earlier[line.home_id] if one.status in CLOSED]
        return not opens_home(line, user, closed, now), line.kind != Residency.Kind.OWNER, line.pk

    for line in sorted(lines, key=weight):
        best.setdefault(line.home_id, line)
    return sorted(best.values(), key=lambda line: line.pk)


def _claim(user: User, line: RosterEntry, earlier: list[Residency], now: datetime) -> Residency | None:
    closed = [one for one in earlier if one.status in CLOSED]
    standing = next((one for one in earlier if one.status not in CLOSED), None)
    is_enough = opens_home(line, user, closed, now)
    if standing is None and is_enough:
        return start_residency(user, line.home, line.kind, Status.ACTIVE, by=None, now=now)
    if standing is None and not is_answered(line, closed):
        _ask(user, line, now)
    if standing is not None and standing.status == Status.REQUESTED and is_enough:
        move(standing, Status.ACTIVE, by=None, now=now)
        return standing
    return None


def _ask(user: User, line: RosterEntry, now: datetime) -> None:
    """The number is not enough: the request waits on the desk's page, and the person hears until when."""
    residency = start_residency(user, line.home, line.kind, Status.REQUESTED, by=None, now=now)
    until = clock.local(residency.answer_by)
    outbox.queue_message(
        user,
        "residency_to_check",
        key=f"residency:{residency.pk}:{residency.status}",
        params={"home": str(line.home), "until": f"{until.month}/{until.day} {until:%H:%M}"},
        url=reverse("me"),
        now=now,
    )
    tell_owners(residency, now=now)
    live.notify_open_pages(f"resident:{user.pk}", f"board:{line.home.estate.pk}")


def claim_for_roster(*, estate: Estate, now: datetime) -> int:
    """After a roster was read or changed: who had signed in before has their homes as well, and is told.

    Returns how many homes were given. Repeating it changes nothing.
    """
    settled = Residency.objects.filter(
        home=OuterRef("home"),
        user__phone_index=OuterRef("phone_index"),
        status__in=[Status.ACTIVE, Status.ENDED],
    )
    new = RosterEntry.objects.standing().filter(~Exists(settled), home__entrance__building__estate=estate)
    people = User.objects.exclude(phone_verified_at=None).filter(phone_index__in=new.values("phone_index"))
    given = 0
    with transaction.atomic():
        for person in people:
            for residency in claim_roster_homes(user=person, now=now):
                tell_of_residency(residency, "residency_approved", now=now)
                given += 1
    return given
