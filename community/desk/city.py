"""The figures of many estates in a month, for the city's operator: no row, name or home stands behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.policies import estates_overseen, is_city_operator
from community.core import clock
from community.core.dates import day_of
from community.core.errors import Forbidden
from community.core.services.figures import Measure
from community.desk.charts import Cell, Figure
from community.desk.figures import months_before
from community.desk.measures import measures
from community.desk.models import DayFigure
from community.estates.models import Estate

# A figure of fewer people or homes could be about somebody.
SMALLEST = 5
MONTHS = 12


@dataclass(frozen=True)
class Row:
    """An estate's homes and figures; a cell is None where too few stand behind it."""

    name: str
    homes: int
    cells: list[Cell | None]
    columns: list[Measure]

    @property
    def labelled(self) -> list[tuple[str, Cell | None]]:
        """The title of each column with its cell."""
        return [(str(one.title), cell) for one, cell in zip(self.columns, self.cells, strict=True)]


@login_required
@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    """Shows a row an estate and the total of a month, in two queries however many estates there are."""
    if not is_city_operator(request.user):
        raise Forbidden
    months = _months(clock.now())
    wanted = day_of(request.GET.get("month", ""))
    month = wanted if wanted in months else months[0]
    columns = measures()
    rows = rows_of(estates_overseen(request.user), month, columns)
    context = {
        "columns": columns,
        "rows": rows,
        "total": total_of(rows, columns),
        "months": [(one.isoformat(), date_format(one, "YEAR_MONTH_FORMAT"), one == month) for one in months],
        "smallest": SMALLEST,
    }
    return render(request, "desk/city.html", context)


def rows_of(estates: QuerySet[Estate], month: date, columns: list[Measure]) -> list[Row]:
    """Returns the figures of each estate in the month that begins on this day."""
    found = _sums(estates, month, columns)
    counted = estates.annotate(homes=Count("buildings__entrances__homes")).order_by("name", "pk")
    return [
        Row(
            str(one),
            one.homes,
            [_cell(measure, found.get((one.pk, measure.key), {}), one.homes) for measure in columns],
            columns,
        )
        for one in counted
    ]


def total_of(rows: list[Row], columns: list[Measure]) -> Row:
    """Returns the sums of what is shown: a hidden figure cannot be found by subtracting the others."""
    cells: list[Cell | None] = []
    for number, measure in enumerate(columns):
        shown = [cell for row in rows if (cell := row.cells[number]) is not None]
        cells.append(_sum(measure, shown))
    return Row("", sum(row.homes for row in rows), cells, columns)


def _sum(measure: Measure, shown: list[Cell]) -> Cell:
    """Returns the sum; of a stock, that of the averages of the estates, in tenths."""
    if not measure.is_stock:
        return Cell(measure, sum(one.numerator for one in shown), sum(one.denominator for one in shown))
    tenths = [[10 * of // one.days for of in (one.numerator, one.denominator)] for one in shown]
    return Cell(measure, sum(one[0] for one in tenths), sum(one[1] for one in tenths), 10)


def _months(now: datetime) -> list[date]:
    """Returns the first days of the months to choose from, the month of yesterday first."""
    newest = (clock.today(now) - timedelta(days=1)).replace(day=1)
    return [months_before(newest, number) for number in range(MONTHS)]


def _sums(
    estates: QuerySet[Estate], month: date, columns: Iterable[Measure]
) -> dict[tuple[int, str], dict[str, Figure]]:
    """Returns the sums of the month's days by estate and measure, for each part."""
    rows = DayFigure.objects.filter(
        estate__in=estates.values("pk"),
        day__gte=month,
        day__lt=months_before(month, -1),
        measure__in=[measure.key for measure in columns],
    )
    sums = rows.order_by().values_list("estate", "measure", "dimension")
    found: dict[tuple[int, str], dict[str, Figure]] = {}
    for estate, measure, part, *figure in sums.annotate(Sum("numerator"), Sum("denominator"), Count("pk")):
        found.setdefault((estate, measure), {})[part] = Figure(*figure)
    return found


def _cell(measure: Measure, parts: dict[str, Figure], homes: int) -> Cell | None:
    """Returns the figure of an estate; None where fewer than ``SMALLEST`` people or homes stand behind it."""
    names = (
        (measure.total,) if measure.total else [name for name in measure.parts if name not in measure.apart]
    )
    figures = [parts[name] for name in names if name in parts]
    days = max((one.days for one in figures), default=1)
    cell = Cell(measure, sum(one.numerator for one in figures), sum(one.denominator for one in figures), days)
    counted = cell.denominator // days if measure.is_stock else cell.denominator
    is_few = homes < SMALLEST or (counted < SMALLEST and not measure.is_money)
    return None if cell.denominator and is_few else cell
