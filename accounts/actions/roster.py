"""The lines of the roster: held while somebody decides by them, confirmed, ended."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from accounts.models import Residency, RosterEntry, User
from accounts.models.residents import RosterQuerySet

Status = Residency.Status
CLOSED = (Status.DECLINED, Status.ENDED)


def lock_roster_entries(lines: RosterQuerySet) -> list[RosterEntry]:
    """These lines as they are now; nobody else changes them before this transaction is over.

    Whoever gives or ends a home by the roster holds its lines first, the residencies and people after:
    so a sign-in and a moving out at the same moment come one after the other. On SQLite the
    transaction itself keeps the others out.
    """
    held = lines.select_related("home__entrance__building__estate").select_for_update(of=("self",))
    return list(held.order_by("pk"))


def opens_home(line: RosterEntry, user: User, closed: Iterable[Residency], now: datetime) -> bool:
    """Whether this line alone gives its home; ``closed`` are the earlier residencies of the two.

    A home that was left, or that the desk declined since the line was confirmed, needs somebody's yes.
    """
    answered = any(one.status == Status.ENDED or _is_since(one, line) for one in closed)
    return line.opens_home_to(user, now) and not answered


def is_answered(line: RosterEntry, closed: Iterable[Residency]) -> bool:
    """Whether the line was confirmed before the home was left or declined: it is not asked about again."""
    return any(_is_since(one, line) for one in closed)


def _is_since(residency: Residency, line: RosterEntry) -> bool:
    return residency.status_changed_at >= line.confirmed_at


def lock_entries_of_number(line: RosterEntry) -> list[RosterEntry]:
    """This line, and those of its home under the same number; the line itself comes first."""
    same = RosterEntry.objects.filter(home=line.home_id, phone_index=line.phone_index).exclude(phone_index="")
    held = lock_roster_entries(RosterEntry.objects.filter(Q(pk=line.pk) | Q(pk__in=same.values("pk"))))
    return sorted(held, key=lambda one: one.pk != line.pk)


def is_shared(line: RosterEntry) -> bool:
    """Whether another line of the home stands under the same number, as of a couple with one phone."""
    others = RosterEntry.objects.standing().with_phone(line.phone).filter(home=line.home_id)
    return others.exclude(pk=line.pk).exists()


def entries_of(residency: Residency) -> RosterQuerySet:
    """The lines by which this person has this home, by their number as it is now."""
    number = User.objects.filter(pk=residency.user_id).exclude(phone_index=None).values("phone_index")
    return RosterEntry.objects.filter(home=residency.home_id, phone_index__in=number)


def confirm_entries(residency: Residency, *, now: datetime) -> None:
    """Somebody has checked that the person lives there: what the roster says of it is fresh again."""
    entries_of(residency).update(confirmed_at=now, ended_at=None)


def end_entries(lines: Iterable[RosterEntry], *, now: datetime) -> list[int]:
    """The numbers of these lines open the home no more. Returns the keys of those that stood."""
    standing = sorted(line.pk for line in lines if line.ended_at is None)
    RosterEntry.objects.filter(pk__in=standing, ended_at=None).update(ended_at=now)
    return standing
