"""Duty roster: people on duty by hour of the week, with leaves and substitutes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from accounts.models import StaffRole, User, access_of
from accounts.policies import Role
from community.core import clock
from community.core.moments import changes_at
from community.estates.models import Estate
from services.help.models.duty import DutyLeave, DutyShift

HOUR = timedelta(hours=1)
LOOKED_AHEAD = timedelta(days=7)
# Roles that answer, in this order, if the roster names no one.
DESK_ORDER = (Role.FRONT_DESK, Role.MANAGER, Role.DISPATCHER)


@dataclass(frozen=True)
class Span:
    """Consecutive hours."""

    starts: datetime
    ends: datetime

    @property
    def hours(self) -> int:
        """Returns the number of hours."""
        return int((self.ends - self.starts) / HOUR)

    @property
    def is_whole_week(self) -> bool:
        """Whether the hours fill the whole of the coming week."""
        return self.ends - self.starts >= LOOKED_AHEAD

    @property
    def ends_another_day(self) -> bool:
        """Whether the end must be shown with its day; midnight counts as the end of the day before."""
        return clock.today(self.ends - timedelta(seconds=1)) != clock.today(self.starts)


class Roster:
    """Duty of several estates in a period, read in two queries; a third for the people."""

    def __init__(self, estates: Iterable[Estate | int], since: datetime, until: datetime) -> None:
        keys = [estate.pk if isinstance(estate, Estate) else estate for estate in estates]
        self._keys = keys
        self.shifts: dict[tuple[int, int], list[DutyShift]] = defaultdict(list)
        for shift in DutyShift.objects.filter(estate__in=keys).order_by("rank", "pk"):
            self.shifts[shift.estate_id, shift.weekday].append(shift)
        self.leaves = list(DutyLeave.objects.filter(estate__in=keys, starts_at__lt=until, ends_at__gt=since))
        # Shifts begin and end at full hours.
        changes_at(since.replace(minute=0, second=0, microsecond=0) + HOUR)
        for leave in self.leaves:
            changes_at(leave.starts_at)
            changes_at(leave.ends_at)

    @cached_property
    def _roles(self) -> list[StaffRole]:
        roles = StaffRole.objects.filter(estate__in=self._keys, user__is_active=True).select_related("user")
        return list(roles.order_by("user"))

    @cached_property
    def _staff(self) -> dict[tuple[int, int], User]:
        return {(role.estate_id, role.user_id): role.user for role in self._roles}

    def at(self, estate_pk: int, moment: datetime) -> list[User]:
        """Returns the people in the roster at this time, first to last; possibly none."""
        staff = self._staff
        keys = ((estate_pk, user_pk) for user_pk in self.named_at(estate_pk, moment))
        return [staff[key] for key in keys if key in staff]

    def named_at(self, estate_pk: int, moment: datetime) -> list[int]:
        """Returns the keys of the people whom the roster names at this time, whether or not they still have a
        role there.
        """
        local = clock.local(moment)
        shifts = self.shifts[estate_pk, local.weekday()]
        found = (
            self._present(estate_pk, shift.user_id, moment)
            for shift in shifts
            if shift.starts <= local.hour < shift.ends
        )
        return list(dict.fromkeys(key for key in found if key is not None))

    def desk(self, estate_pk: int) -> list[User]:
        """Returns staff who answer if the roster names no one, and after the people it names."""
        here = [one for one in self._roles if one.estate_id == estate_pk]
        people = [one.user for role in DESK_ORDER for one in here if one.role == role]
        return list({person.pk: person for person in people}.values())

    def _present(self, estate_pk: int, user_pk: int | None, moment: datetime) -> int | None:
        """Returns the person or, during a leave, their substitute; follows at most two substitutes."""
        for _link in range(3):
            away = next(
                (leave for leave in self.leaves if self._is_away(leave, estate_pk, user_pk, moment)), None
            )
            if away is None:
                return user_pk
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
    """Returns the people who answer at this time, in order; the desk's roles if the roster names no one."""
    roster = Roster([estate], moment, moment + HOUR)
    return roster.at(estate.pk, moment) or roster.desk(estate.pk)


def at_desk(estate: Estate) -> list[User]:
    """Returns the front desk; if there is none, the managers, then the dispatchers."""
    roles = StaffRole.objects.filter(estate=estate, role__in=DESK_ORDER, user__is_active=True)
    found = list(roles.select_related("user").order_by("user"))
    for role in DESK_ORDER:
        people = [row.user for row in found if row.role == role]
        if people:
            return people
    return []


def chain(estate: Estate, moment: datetime) -> list[User]:
    """Returns the people who are notified of an unanswered call, in order: those on duty, then the desk's
    roles.
    """
    roster = Roster([estate], moment, moment + HOUR)
    people = [*roster.at(estate.pk, moment), *roster.desk(estate.pk)]
    return list({person.pk: person for person in people}.values())


def estates_on_duty(user: User, moment: datetime) -> list[int]:
    """Returns the ids of estates whose roster names this person at this time."""
    estates = access_of(user).estates()
    if not estates:
        return []
    roster = Roster(estates, moment, moment + HOUR)
    return [key for key in estates if user.pk in roster.named_at(key, moment)]


def gaps(estates: Iterable[Estate], now: datetime) -> dict[int, list[Span]]:
    """Returns the hours of the coming seven days without anyone in the roster, by estate id."""
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
