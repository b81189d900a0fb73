"""Gives homes to people whose checked number stands in the roster."""

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
    """Gives ``user`` the homes that the roster lists under their checked number; returns the new residencies.

    A stale entry, or one for a home that was left or declined before, creates a request instead: the desk or
    an owner decides. ``user`` takes the entry's name if they have none. Repeating the call changes nothing.
    Raises ``AlreadyMoved`` if another transaction answers a request at the same moment.
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
        for line in _best_entry_by_home(lines, user, earlier, now):
            with suppress(AlreadyThere):  # the desk has just entered them
                given = _claim(user, line, earlier[line.home_id], now)
                if given is not None:
                    claimed.append(given)
                    take_name(user, line.name)
    return claimed


def _best_entry_by_home(
    lines: list[RosterEntry], user: User, earlier: dict[int, list[Residency]], now: datetime
) -> list[RosterEntry]:
    """Returns one entry for each home: the one that opens it, an owner's before another's. Couples share a
    number.
    """
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
        return start_residency(
            Residency(user=user, home=line.home, kind=line.kind, status=Status.ACTIVE), by=None, now=now
        )
    if standing is None and not is_answered(line, closed):
        _request_home(user, line, now)
    if standing is not None and standing.status == Status.REQUESTED and is_enough:
        move(standing, Status.ACTIVE, by=None, now=now)
        return standing
    return None


def _request_home(user: User, line: RosterEntry, now: datetime) -> None:
    """Creates a request for the desk and tells the person by when it is answered."""
    residency = start_residency(
        Residency(user=user, home=line.home, kind=line.kind, status=Status.REQUESTED), by=None, now=now
    )
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
    """Gives homes to people who had signed in before their number came into the roster, and tells them.

    Returns how many homes were given. Repeating the call changes nothing. Raises ``AlreadyMoved`` as
    ``claim_roster_homes`` does.
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
