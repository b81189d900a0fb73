"""Calls for help of the demo: one answered at night, one cancelled, one drill; and the duty roster."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate, Home
from community.notifications.models import InboxNotice
from services.common.models import Alarm, ReferenceCounter
from services.help.actions.notifications import message_params
from services.help.models import DutyLeave, DutyShift, HelpCall, HelpChange, HelpStep

Status, Outcome = HelpCall.Status, HelpCall.Outcome
DAY, EVENING = (8, 20), (20, 24)
NIGHT = [(0, 8)]
# Sunday night has a gap from three to four, which the roster shows.
WITH_A_GAP = [(0, 3), (4, 8)]
SUNDAY = 6


@dataclass(frozen=True)
class CallStory:
    """Course of a call; times in seconds after it."""

    resident: str
    by: str
    days_ago: int
    hour: int
    minute: int
    goes: str
    answered: int
    ended: int
    outcome: str
    words: str
    duty: tuple[str, ...]
    family: tuple[str, ...] = ()
    is_drill: bool = False
    taken_back: int = 0


TALES = (
    CallStory(
        *("elder", "elder", 23, 14, 32, "frontdesk", 0, 540),
        outcome=Outcome.MISTAKE,
        words="按错了，已回电，一切平安。",
        duty=("frontdesk",),
        taken_back=41,
    ),
    CallStory(
        *("elder", "elder", 9, 2, 14, "worker1", 96, 1500),
        outcome=Outcome.HELPED,
        words="起夜时滑倒，扶起后量了血压，没有受伤。已和儿子通了电话。",
        duty=("worker1", "care"),
        family=("son",),
    ),
    CallStory(
        *("manager", "manager", 3, 10, 0, "dispatcher", 38, 420),
        outcome=Outcome.DRILL,
        words="演练到场用时 7 分钟。",
        duty=("frontdesk",),
        is_drill=True,
    ),
)


def make_help(places: tuple[Place, Place], society: Society, now: datetime) -> int:
    """Creates the rosters of both estates and the calls of the first; returns the number of calls."""
    first, second = (place.estate for place in places)
    people = society.by_key
    DutyShift.objects.bulk_create([*_first_roster(first, people), *_second_roster(second, society)])
    away = clock.local(now).replace(hour=8, minute=0, second=0, microsecond=0)
    DutyLeave.objects.create(
        estate=first,
        user=people["worker2"],
        substitute=people["worker1"],
        starts_at=away + timedelta(days=1),
        ends_at=away + timedelta(days=3),
    )
    home = next(one.home for one in society.households[first.pk] if one.user == people["elder"])
    for story in TALES:
        _write(story, first, home, people, now)
    return len(TALES)


def _shifts(
    estate: Estate, user: User, weekday: int, parts: list[tuple[int, int]], rank: int
) -> list[DutyShift]:
    return [
        DutyShift(estate=estate, user=user, weekday=weekday, starts=starts, ends=ends, rank=rank)
        for starts, ends in parts
    ]


def _first_roster(estate: Estate, people: dict[str, User]) -> list[DutyShift]:
    """Creates a roster: the desk by day, the dispatcher in the evening, repair workers at night."""
    shifts = []
    for weekday in range(7):
        night = WITH_A_GAP if weekday == SUNDAY else NIGHT
        watch = people["worker1" if weekday % 2 == 0 else "worker2"]
        shifts += _shifts(estate, watch, weekday, night, 1)
        shifts += _shifts(estate, people["care"], weekday, night, 2)
        shifts += _shifts(estate, people["frontdesk"], weekday, [DAY], 1)
        shifts += _shifts(estate, people["manager"], weekday, [DAY], 2)
        shifts += _shifts(estate, people["dispatcher"], weekday, [EVENING], 1)
        shifts += _shifts(estate, people["carer"], weekday, [EVENING], 2)
    return shifts


def _second_roster(estate: Estate, society: Society) -> list[DutyShift]:
    manager, dispatcher = (society.of_role(estate, role)[0] for role in (Role.MANAGER, Role.DISPATCHER))
    shifts = []
    for weekday in range(7):
        shifts += _shifts(estate, dispatcher, weekday, [DAY], 1)
        shifts += _shifts(estate, manager, weekday, [(0, 8), EVENING], 1)
    return shifts


def _write(story: CallStory, estate: Estate, home: Home, people: dict[str, User], now: datetime) -> None:
    """Writes a call with its alarm, history and notified people, as the actions would have."""
    day = clock.local(now) - timedelta(days=story.days_ago)
    at = day.replace(hour=story.hour, minute=story.minute, second=7, microsecond=0)
    ended_at = at + timedelta(seconds=story.ended)
    answered_at = at + timedelta(seconds=story.answered) if story.answered else None
    goes = people[story.goes] if story.answered else None
    ReferenceCounter.objects.create(estate=estate, letter="H", day=at.date(), last=1)
    alarm = Alarm.objects.create(
        estate=estate,
        kind=Alarm.Kind.DRILL if story.is_drill else Alarm.Kind.HELP,
        title=people[story.resident].name,
        place=str(home.entrance if story.is_drill else home),
        raised_by=people[story.by],
        raised_at=at,
        acknowledged_by=people[story.goes],
        acknowledged_at=answered_at or ended_at,
    )
    call = HelpCall.objects.create(
        estate=estate,
        home=None if story.is_drill else home,
        entrance=home.entrance if story.is_drill else None,
        reference=f"H-{at:%y%m%d}-0001",
        resident=people[story.resident],
        reported_by=people[story.by],
        is_drill=story.is_drill,
        status=Status.ENDED,
        created_at=at,
        status_changed_at=ended_at,
        responder=goes,
        answered_at=answered_at,
        escalation_level=len(story.duty),
        outcome=story.outcome,
        words=story.words,
        alarm=alarm,
    )
    alarm.url = reverse("staff_help_call", args=[call.pk])
    alarm.save(update_fields=["url"])
    _write_life(story, call, people)
    if not story.is_drill:
        _write_notices(call, [story.resident, *story.family], people)


def _write_life(story: CallStory, call: HelpCall, people: dict[str, User]) -> None:
    steps = [("", Status.CALLING, story.by, 0)]
    if story.taken_back:
        steps.append((Status.CALLING, Status.CANCELLED, story.by, story.taken_back))
    else:
        steps.append((Status.CALLING, Status.COMING, story.goes, story.answered))
    steps.append((steps[-1][1], Status.ENDED, story.goes, story.ended))
    HelpChange.objects.bulk_create(
        HelpChange(
            call=call,
            from_status=before,
            to_status=after,
            actor=people[actor],
            responder_name=call.responder.name if call.responder and after != Status.CALLING else "",
            at=call.created_at + timedelta(seconds=seconds),
        )
        for before, after, actor, seconds in steps
    )
    HelpStep.objects.bulk_create(
        HelpStep(
            call=call,
            key=f"duty:{number + 1}",
            told=people[key],
            at=call.created_at + timedelta(seconds=60 * number),
        )
        for number, key in enumerate(story.duty)
    )
    HelpStep.objects.bulk_create(
        HelpStep(
            call=call,
            key=f"family:{people[key].pk}",
            told=people[key],
            at=call.created_at + timedelta(seconds=60),
        )
        for key in story.family
    )


def _write_notices(call: HelpCall, readers: list[str], people: dict[str, User]) -> None:
    at = call.status_changed_at
    InboxNotice.objects.bulk_create(
        InboxNotice(
            user=people[key],
            key=f"help:{call.pk}:ended",
            template="help_ended",
            params={
                name: value for name, value in message_params(call).items() if name in ("name", "reference")
            },
            url=reverse("help_call", args=[call.pk]),
            created_at=at,
            read_at=at + timedelta(minutes=9),
        )
        for key in readers
    )
