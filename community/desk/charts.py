"""The figures as charts: a few sums of the small table, whatever the time it holds. Two queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, DateField, F, QuerySet, Sum
from django.db.models.functions import Cast, TruncMonth, TruncWeek
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.core import clock, dates
from community.core.services.figures import Measure
from community.core.services.words import Words
from community.desk.figures import months_before
from community.desk.measures import measures as all_measures
from community.desk.measures import share_words
from community.desk.models import DayFigure
from community.estates.models import Estate

MONTHS, WEEKS, DAYS = 12, 13, 30


class Figure(NamedTuple):
    """Sums over so many counted days."""

    numerator: int = 0
    denominator: int = 0
    days: int = 0


@dataclass(frozen=True)
class Period:
    key: str
    label: Words
    # Length of a point of the chart: "day", "week" or "month".
    step: str


PERIODS = (
    Period("30d", pgettext_lazy("period", "30 days"), "day"),
    Period("3m", gettext_lazy("3 months"), "week"),
    Period("1y", gettext_lazy("A year"), "month"),
)
BY_KEY = {period.key: period for period in PERIODS}


@dataclass(frozen=True)
class Cell:
    """A figure of a table: numerator and denominator, summed over ``days``."""

    measure: Measure
    numerator: int
    denominator: int
    days: int = 1

    @property
    def share(self) -> str:
        return share_words(self.numerator, self.denominator)

    @property
    def percent(self) -> str:
        """For the chart's script: with a point in any language, nothing where nothing was counted."""
        return f"{100 * self.numerator / self.denominator:.2f}" if self.denominator else ""

    @property
    def of_what(self) -> str:
        if not self.denominator:
            return ""
        return " / ".join(
            self.measure.words_for(one, self.days) for one in (self.numerator, self.denominator)
        )

    @property
    def amounts(self) -> tuple[Decimal | float, Decimal | float]:
        """For a sheet."""
        return self.measure.amount(self.numerator, self.days), self.measure.amount(
            self.denominator, self.days
        )

    @property
    def words(self) -> str:
        return self.measure.in_words(self.numerator, self.denominator, self.days)


@dataclass
class Point:
    """A day, a week or a month, with its figures by part."""

    label: str
    first: date
    last: date
    parts: dict[str, Figure] = field(default_factory=dict)


@dataclass
class Chart:
    measure: Measure
    points: list[Point]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Name and label of each curve: the parts that the measure names, or its total."""
        names = self.measure.lines or ("",)
        return [(name, str(self.measure.parts.get(name, self.measure.title))) for name in names]

    @property
    def rows(self) -> list[tuple[Point, list[Cell]]]:
        return [(point, [self._cell([point], name) for name, _label in self.lines]) for point in self.points]

    @property
    def last(self) -> tuple[Point, Cell] | None:
        """The latest point on which there was something to count."""
        for point in reversed(self.points):
            cell = self._cell([point], "")
            if cell.denominator:
                return point, cell
        return None

    @property
    def all_in_all(self) -> Cell:
        return self._cell(self.points, "")

    @property
    def by_part(self) -> list[tuple[str, str, Cell]]:
        """Each part over the whole time; those that were never asked about are left out."""
        cells = [
            (name, str(label), self._cell(self.points, name)) for name, label in self.measure.parts.items()
        ]
        return [one for one in cells if one[2].denominator]

    @property
    def apart(self) -> list[tuple[str, str]]:
        """Label and latest denominator of the parts that the total leaves out."""
        cells = [(str(self.measure.parts[name]), self._latest(name)) for name in self.measure.apart]
        return [
            (label, self.measure.words_for(cell.denominator, cell.days))
            for label, cell in cells
            if cell.denominator
        ]

    def parts_of(self, point: Point) -> list[tuple[str, Cell]]:
        """Every part of a point, with its label."""
        names = sorted(point.parts)
        return [(str(self.measure.parts.get(name, name)), self._cell([point], name)) for name in names]

    def _latest(self, name: str) -> Cell:
        told = [point for point in self.points if name in point.parts]
        return self._cell(told[-1:], name)

    def _cell(self, points: Sequence[Point], name: str) -> Cell:
        figures, days = [], 0
        for point in points:
            of_point = self._figures(point, name or self.measure.total)
            figures += of_point
            # The parts of a point were counted on the same days.
            days += max((figure.days for figure in of_point), default=0)
        numerator, denominator = (
            sum(one.numerator for one in figures),
            sum(one.denominator for one in figures),
        )
        return Cell(self.measure, numerator, denominator, days or 1)

    def _figures(self, point: Point, name: str) -> list[Figure]:
        if name:
            return [point.parts[name]] if name in point.parts else []
        return [figure for part, figure in point.parts.items() if part not in self.measure.apart]


def charts(
    estate: Estate, period: Period, now: datetime, measures: Sequence[Measure] | None = None
) -> list[Chart]:
    """Daily measures over the period, up to yesterday; monthly ones always over the last twelve months."""
    measures = all_measures() if measures is None else measures
    today = clock.today(now)
    daily = points_of(period.step, today - timedelta(days=1))
    monthly = points_of("month", today)
    keys = {
        is_monthly: [m.key for m in measures if m.is_monthly is is_monthly] for is_monthly in (False, True)
    }
    found = _read(_sums(estate, keys[False], daily, period.step), _sums(estate, keys[True], monthly, "month"))
    made = []
    for measure in measures:
        points = points_of("month", today) if measure.is_monthly else points_of(period.step, daily[-1].last)
        for point in points:
            of_point = found.get((measure.key, point.first), {})
            # Hides stored parts of services that are switched off.
            point.parts = {part: figure for part, figure in of_point.items() if part in measure.parts}
        made.append(Chart(measure, points))
    return made


def points_of(step: str, last: date) -> list[Point]:
    """The days, weeks or months up to this day, the last one perhaps not whole yet."""
    if step == "day":
        days = [last - timedelta(days=n) for n in reversed(range(DAYS))]
        return [Point(_day(day), day, day) for day in days]
    if step == "week":
        monday = last - timedelta(days=last.weekday())
        weeks = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
        spans = [(first, min(first + timedelta(days=6), last)) for first in weeks]
        return [Point(f"{_day(first)}–{_day(until)}", first, until) for first, until in spans]
    months = [months_before(last.replace(day=1), n) for n in reversed(range(MONTHS))]
    ends = [*(first - timedelta(days=1) for first in months[1:]), last]
    return [
        Point(date_format(first, "YEAR_MONTH_FORMAT"), first, until)
        for first, until in zip(months, ends, strict=True)
    ]


def _day(day: date) -> str:
    return dates.month_day(day, clock.today(clock.now()))


def _sums(estate: Estate, keys: list[str], points: list[Point], step: str) -> QuerySet[Any]:
    """By measure and first day of a point, the sums of each part."""
    rows: QuerySet[Any] = DayFigure.objects.filter(
        estate=estate, day__gte=points[0].first, day__lte=points[-1].last, measure__in=keys
    ).order_by()
    # Whole days also on PostgreSQL, which truncates to a time.
    week, month = Cast(TruncWeek("day"), DateField()), Cast(TruncMonth("day"), DateField())
    starts = {"day": F("day"), "week": week, "month": month}[step]
    kept = rows.annotate(start=starts).values_list("measure", "start", "dimension")
    return kept.annotate(n=Sum("numerator"), of=Sum("denominator"), days=Count("pk"))


def _read(daily: QuerySet[Any], monthly: QuerySet[Any]) -> dict[tuple[str, date], dict[str, Figure]]:
    """Reads both sums in one query."""
    found: dict[tuple[str, date], dict[str, Figure]] = {}
    for measure, start, part, *figure in daily.union(monthly, all=True):
        found.setdefault((measure, start), {})[part] = Figure(*figure)
    return found


def counted_until(now: datetime) -> str:
    """For the head of the charts: up to which day everything is counted."""
    yesterday = clock.today(now) - timedelta(days=1)
    return _("Counted every night, up to %(day)s") % {"day": _day(yesterday)}
