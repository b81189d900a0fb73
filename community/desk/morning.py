"""Today on the morning page: what is late, about to be, unassigned, unhappy, and today's appointments.

Read as it stands now: one query finds the first rows of every kind and how many there are in all, one a model reads
what is shown of them. The sections are those of this page; their lines come from the services, and from the
response clocks.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet, Window
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.core.services import declared, in_order
from community.core.services.morning import (
    FirstAnswers,
    FirstRows,
    Found,
    Line,
    MorningQuery,
    MorningSource,
    found_in,
)
from community.core.services.words import Words
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime
from services.common.actions import board_topic
from services.common.models import ResponseClock
from services.common.response_clock import standing_of

SHOWN, ALL_SHOWN = 5, 100
# A first answer that is due within so long can still be given in time.
SOON = timedelta(minutes=60)


@dataclass
class Section:
    key: str
    title: Words
    # Said where there is nothing.
    nothing: Words
    icon: str
    tone: str
    count: int = 0
    lines: list[Line] = field(default_factory=list)
    # Whether the lines of all services are sorted by their times.
    is_by_time: bool = False

    @property
    def has_more(self) -> bool:
        return self.count > len(self.lines)


SECTIONS = (
    Section("late", gettext_lazy("Late"), gettext_lazy("Nothing is late."), "alert", "help"),
    Section("soon", gettext_lazy("Late within the hour"), gettext_lazy("Nothing is."), "clock", "care"),
    Section(
        "unassigned",
        pgettext_lazy("morning", "Nobody's yet"),
        gettext_lazy("Everything is in hand."),
        "user",
        "repair",
    ),
    Section("unhappy", gettext_lazy("Unhappy"), gettext_lazy("Nobody complains."), "mood-sad", "build"),
    Section(
        "today",
        gettext_lazy("Today's appointments"),
        gettext_lazy("Nothing is booked for today."),
        "calendar",
        "brand",
        is_by_time=True,
    ),
)
KEYS = tuple(section.key for section in SECTIONS)


# -- First answers, of all services that promise one


def _late_answers(query: MorningQuery) -> Found:
    return _first_answers(query)["late"]


def _answers_soon_due(query: MorningQuery) -> Found:
    return _first_answers(query)["soon"]


def _first_answers(query: MorningQuery) -> dict[str, Found]:
    """First answers of both sections, with what they are about: the clocks, then the things, a query a service."""
    if "first_answers" not in query.shared:
        soon = ResponseClock.objects.running().filter(due_at__gt=query.now, due_at__lte=query.now + SOON)
        kinds = {"late": ResponseClock.objects.overdue(query.now), "soon": soon}
        clocks = {section: _first_clocks(rows, query) for section, rows in kinds.items()}
        about = _about([one for found in clocks.values() for one in found], query)
        query.shared["first_answers"] = {
            section: (
                found[0].in_all if found else 0,  # type: ignore[attr-defined]
                [_line(one, *about.get((one.service, one.reference), ("", "")), query) for one in found],
            )
            for section, found in clocks.items()
        }
    answers: dict[str, Found] = query.shared["first_answers"]
    return answers


def _answering() -> dict[str, FirstAnswers]:
    return {one.key: one.first_answers for one in declared() if one.first_answers}


def _first_clocks(rows: QuerySet[ResponseClock], query: MorningQuery) -> list[ResponseClock]:
    rows = rows.filter(estate=query.estate, service__in=_answering()).order_by("due_at", "pk")
    return list(rows.annotate(in_all=Window(Count("pk")))[: query.limit])


def _about(clocks: list[ResponseClock], query: MorningQuery) -> dict[tuple[str, str], tuple[str, str]]:
    """Returns title and second line of what is to be answered, by service and reference."""
    about: dict[tuple[str, str], tuple[str, str]] = {}
    for service in {one.service for one in clocks}:
        references = [one.reference for one in clocks if one.service == service]
        words = _answering()[service].about(query.estate, references)
        about |= {(service, reference): said for reference, said in words.items()}
    return about


def _line(clock: ResponseClock, title: str, sub: str, query: MorningQuery) -> Line:
    answers = _answering()[clock.service]
    return Line(
        url=clock.url,
        title=title or clock.reference,
        sub=sub,
        icon=answers.icon,
        tone=answers.tone,
        meta=clock.reference,
        standing=standing_of(clock, _hours(query), query.now),
    )


def _hours(query: MorningQuery) -> WorkingTime:
    if "hours" not in query.shared:
        now = query.now
        query.shared["hours"] = WorkingTime(query.estate, first=now - HORIZON, last=now + HORIZON)
    hours: WorkingTime = query.shared["hours"]
    return hours


FIRST_ANSWERS = (
    MorningSource(section="late", position=20, find=_late_answers),
    MorningSource(section="soon", position=10, find=_answers_soon_due),
)


# -- The sections


def sections(estate: Estate, now: datetime, *, only: str = "", limit: int = SHOWN) -> list[Section]:
    """Each with its first lines; the appointments of all services in the order of their times."""
    query = MorningQuery(estate, now, limit)
    wanted = [section for section in SECTIONS if only in ("", section.key)]
    asked = [[source.find(query) for source in _sources_of(section)] for section in wanted]
    kinds = [one for some in asked for one in some if isinstance(one, FirstRows)]
    read = iter(found_in(kinds, query))
    found = [[next(read) if isinstance(one, FirstRows) else one for one in some] for some in asked]
    return [_filled(section, some, query) for section, some in zip(wanted, found, strict=True)]


def _sources_of(section: Section) -> list[MorningSource]:
    found = [source for one in declared() if one.morning for source in one.morning.sources]
    mine = [source for source in (*FIRST_ANSWERS, *found) if source.section == section.key]
    return in_order(mine)


def _filled(section: Section, found: list[Found], query: MorningQuery) -> Section:
    lines = [line for _count, some in found for line in some]
    if section.is_by_time:
        lines.sort(key=lambda line: (line.is_over, line.at or query.now))
    return Section(
        section.key,
        section.title,
        section.nothing,
        section.icon,
        section.tone,
        count=sum(count for count, _lines in found),
        lines=lines[: query.limit] if section.is_by_time else _fairly(found, query.limit),
        is_by_time=section.is_by_time,
    )


def _fairly(found: list[Found], limit: int) -> list[Line]:
    """Some of each kind, so that a long queue of one hides no other."""
    kinds = [lines for _count, lines in found if lines]
    chosen: set[int] = set()
    for turn in range(limit):
        for lines in kinds:
            if turn < len(lines) and len(chosen) < limit:
                chosen.add(id(lines[turn]))
    return [line for lines in kinds for line in lines if id(line) in chosen]


def topics(estate: Estate) -> list[str]:
    """The live topics that change one of the lists."""
    found = [one.morning.topics for one in declared() if one.morning and one.morning.topics]
    return [board_topic(estate.pk), *(topic for topics_of in found for topic in topics_of(estate))]
