"""Who is on duty: the roster by hour of the week, with leave and substitutes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import StaffRole, User
from accounts.policies import Role
from community.core import clock
from community.estates.models import Estate
from services.help.models.duty import DutyLeave, DutyShift

HOUR = timedelta(hours=1)
LOOKED_AHEAD = timedelta(days=7)
# Who answers where the roster names nobody, in this order.
DESK_ORDER = (Role.FRONT_DESK, Role.MANAGER, Role.DISPATCHER)


@dataclass(frozen=True)
class Span:
    """Some hours on end."""

    starts: datetime
    ends: datetime

    @property
    def hours(self) -> int:
        return int((self.ends - self.starts) / HOUR)

    @property
    def is_whole_week(self) -> bool:
        return self.ends - self.starts >= LOOKED_AHEAD

    @property
    def ends_another_day(self) -> bool:
        """Whether the end needs its day beside it; midnight is the end of the day before."""
        return clock.today(self.ends - timedelta(seconds=1)) != clock.today(self.starts)


class Roster:
    """The duty of some estates for a while, read in three queries."""

    def __init__(self, estates: Iterable[Estate], since: datetime, until: datetime) -> None:
        keys = [estate.pk for estate in estates]
        roles = StaffRole.objects.filter(estate__in=keys, user__is_active=True).select_related("user")
        self.staff: dict[int, dict[int, User]] = defaultdict(dict)
        self.by_role: dict[int, dict[str, list[User]]] = defaultdict(lambda: defaultdict(list))
        for one in roles.order_by("user__name", "user"):
            self.staff[one.estate_id][one.user_id] = one.user
            self.by_role[one.estate_id][one.role].append(one.user)
        self.shifts: dict[tuple[int, int], list[DutyShift]] = defaultdict(list)
        for shift in DutyShift.objects.filter(estate__in=keys).order_by("rank", "pk"):
            self.shifts[shift.estate_id, shift.weekday].append(shift)
        self.leaves = list(DutyLeave.objects.filter(estate__in=keys, starts_at__lt=until, ends_at__gt=since))

    def at(self, estate_pk: int, moment: datetime) -> list[User]:
        """Whom the roster names, first to last; nobody, perhaps."""
        local = clock.local(moment)
        found: dict[int, User] = {}
        for shift in self.shifts[estate_pk, local.weekday()]:
            if shift.starts <= local.hour < shift.ends:
                person = self._present(estate_pk, shift.user_id, moment)
                if person is not None:
                    found.setdefault(person.pk, person)
        return list(found.values())

    def desk(self, estate_pk: int) -> list[User]:
        """Who answers where nobody is named, and after those who are."""
        people = [user for role in DESK_ORDER for user in self.by_role[estate_pk][role]]
        return list({person.pk: person for person in people}.values())

    def _present(self, estate_pk: int, user_pk: int | None, moment: datetime) -> User | None:
        """This person or, while they are away, their substitute; no longer chains than two."""
        for _link in range(3):
            away = next(
                (leave for leave in self.leaves if self._is_away(leave, estate_pk, user_pk, moment)), None
            )
            if away is None:
                return self.staff[estate_pk].get(user_pk) if user_pk else None
            user_pk = away.substitute_id
        return None

    @staticmethod
    def _is_away(leave: DutyLeave, estate_pk: int, user_pk: int | None, moment: datetime) -> bool:
        return (
            leave.estate_id == estate_pk
            and leave.user_id == user_pk
            and leave.starts_at <= moment < leave.ends_at
        )


def on_duty(estate: Estate, moment: datetime) -> list[User]:
    """Who answers now, in order; the desk's roles where the roster names nobody."""
    roster = Roster([estate], moment, moment + HOUR)
    return roster.at(estate.pk, moment) or roster.desk(estate.pk)


def at_desk(estate: Estate) -> list[User]:
    """The front desk; where there is none the manager, then the dispatcher."""
    roles = StaffRole.objects.filter(estate=estate, role__in=DESK_ORDER, user__is_active=True)
    found = list(roles.select_related("user").order_by("user"))
    for role in DESK_ORDER:
        people = [one.user for one in found if one.role == role]
        if people:
            return people
    return []


def chain(estate: Estate, moment: datetime) -> list[User]:
    """Whom an unanswered call goes to, one after another: those on duty, then the desk's roles."""
    roster = Roster([estate], moment, moment + HOUR)
    people = [*roster.at(estate.pk, moment), *roster.desk(estate.pk)]
    return list({person.pk: person for person in people}.values())


def estates_on_duty(user: User, moment: datetime) -> list[int]:
    """The keys of the estates whose roster names this person at this moment."""
    estates = list(Estate.objects.filter(pk__in=StaffRole.objects.held_by(user).values("estate")))
    if not estates:
        return []
    roster = Roster(estates, moment, moment + HOUR)
    return [one.pk for one in estates if any(person.pk == user.pk for person in roster.at(one.pk, moment))]


def gaps(estates: Iterable[Estate], now: datetime) -> dict[int, list[Span]]:
    """The hours of the coming seven days for which the roster names nobody, by estate."""
    wanted = list(estates)
    begin = now.replace(minute=0, second=0, microsecond=0)
    until = begin + LOOKED_AHEAD
    roster = Roster(wanted, begin, until) if wanted else None
    found: dict[int, list[Span]] = {estate.pk: [] for estate in wanted}
    for estate in wanted:
        assert roster is not None
        hour = begin
        while hour < until:
            if not roster.at(estate.pk, max(hour, now)):
                spans = found[estate.pk]
                if spans and spans[-1].ends == hour:
                    spans[-1] = Span(spans[-1].starts, hour + HOUR)
                else:
                    spans.append(Span(hour, hour + HOUR))
            hour += HOUR
    return found
