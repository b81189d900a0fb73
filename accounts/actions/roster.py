"""Roster entries as rules: which open a home, and locking, confirming and ending them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from accounts.models import Residency, RosterEntry, User
from accounts.models.residents import RosterQuerySet

Status = Residency.Status
CLOSED = (Status.DECLINED, Status.ENDED)


def lock_roster_entries(lines: RosterQuerySet) -> list[RosterEntry]:
    """Returns these entries, locked until the transaction ends.

    Everything that gives or ends a home by the roster locks the entries first, residencies and people after,
    so that a sign-in and a moving out at the same moment run one after the other. On SQLite the transaction
    itself excludes other writers.
    """
    held = lines.select_related("home__entrance__building__estate").select_for_update(of=("self",))
    return list(held.order_by("pk"))


def opens_home(line: RosterEntry, user: User, closed: Iterable[Residency], now: datetime) -> bool:
    """Whether this entry alone gives its home; ``closed`` are the person's earlier residencies there.

    A home that was left, or declined since the entry was confirmed, needs a confirmation.
    """
    answered = any(one.status == Status.ENDED or _is_since(one, line) for one in closed)
    return line.opens_home_to(user, now) and not answered


def is_answered(line: RosterEntry, closed: Iterable[Residency]) -> bool:
    """Whether the home was left or declined after the entry was confirmed, so that it is not requested again."""
    return any(_is_since(one, line) for one in closed)


def _is_since(residency: Residency, line: RosterEntry) -> bool:
    return residency.status_changed_at >= line.confirmed_at


def lock_entries_of_number(line: RosterEntry) -> list[RosterEntry]:
    """Returns this entry and those of its home with the same number, locked; the entry itself first."""
    same = RosterEntry.objects.filter(home=line.home_id, phone_index=line.phone_index).exclude(phone_index="")
    held = lock_roster_entries(RosterEntry.objects.filter(Q(pk=line.pk) | Q(pk__in=same.values("pk"))))
    return sorted(held, key=lambda one: one.pk != line.pk)


def is_shared(line: RosterEntry) -> bool:
    """Whether another standing entry of the home has the same number, as couples with one phone do."""
    others = RosterEntry.objects.standing().with_phone(line.phone).filter(home=line.home_id)
    return others.exclude(pk=line.pk).exists()


def entries_of(residency: Residency) -> RosterQuerySet:
    """Returns the entries on which this residency rests, by the person's present number."""
    number = User.objects.filter(pk=residency.user_id).exclude(phone_index=None).values("phone_index")
    return RosterEntry.objects.filter(home=residency.home_id, phone_index__in=number)


def confirm_entries(residency: Residency, *, now: datetime) -> None:
    """Marks the entries of this residency as checked now, so that they are fresh again."""
    entries_of(residency).update(confirmed_at=now, ended_at=None)


def end_entries(lines: Iterable[RosterEntry], *, now: datetime) -> list[int]:
    """Ends these entries, so that their numbers no longer open the home; returns the keys of those that
    stood.
    """
    standing = sorted(line.pk for line in lines if line.ended_at is None)
    RosterEntry.objects.filter(pk__in=standing, ended_at=None).update(ended_at=now)
    return standing
