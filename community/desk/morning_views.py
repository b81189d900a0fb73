"""The manager's morning page: today as it stands, the figures as charts, and the rows behind them."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core import clock, exports
from community.core.dates import day_of
from community.core.errors import Forbidden
from community.core.services.figures import Measure, Span
from community.desk import charts, figure_rows, morning
from community.desk.measures import find_measure
from community.desk.models import DayFigure
from community.desk.roles import READING
from community.estates.models import Estate
from community.notifications import live

EXPORT = "desk.export_dayfigure"
MAX_EXPORTED = 20_000
LONGEST_SPAN = timedelta(days=400)
# No key of ours is as long.
KEY_DIGITS = 18


def _estate(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    return chosen_estate(request, estates_of(request.user, *READING))


def _period(request: SignedInRequest) -> charts.Period:
    return charts.BY_KEY.get(request.GET.get("period", ""), charts.PERIODS[0])


def _measure(key: str) -> Measure:
    if (found := find_measure(key)) is None:
        raise Http404
    return found


def _may_export(request: SignedInRequest, estate: Estate) -> bool:
    return request.user.has_perm(EXPORT, estate.pk)  # type: ignore[arg-type]


@login_required
@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    """Shows today's lists above, the figures below."""
    estate, estates = _estate(request)
    now, period = clock.now(), _period(request)
    context = _today(request, estate) | {
        "estates": estates,
        "period": period,
        "periods": charts.PERIODS,
        "charts": charts.charts(estate, period, now),
        "counted_until": charts.counted_until(now),
    }
    return render(request, "desk/morning.html", context)


@login_required
@require_GET
def page_live(request: SignedInRequest) -> HttpResponse:
    """The lists of today, as the open page fetches them."""
    estate, _estates = _estate(request)
    return render(request, "desk/morning_today.html", _today(request, estate))


def _today(request: SignedInRequest, estate: Estate) -> dict[str, Any]:
    # An answer that becomes late is told to the manager: their inbox changes, and so does this page.
    topics = [*morning.topics(estate), f"inbox:{request.user.pk}"]
    live.will_show(request.user, topics)
    return {"estate": estate, "sections": morning.sections(estate, clock.now()), "topics": topics}


@login_required
@require_GET
def section(request: SignedInRequest, key: str) -> HttpResponse:
    """Shows one of today's lists, whole."""
    estate, estates = _estate(request)
    if key not in morning.KEYS:
        raise Http404
    [found] = morning.sections(estate, clock.now(), only=key, limit=morning.ALL_SHOWN)
    return render(
        request, "desk/morning_section.html", {"estate": estate, "estates": estates, "found": found}
    )


# -- The figures


@login_required
@require_GET
def measure(request: SignedInRequest, key: str) -> HttpResponse:
    """Shows a figure with its definition, chart, table and parts, and the way to its rows."""
    estate, estates = _estate(request)
    measured, now, period = _measure(key), clock.now(), _period(request)
    [chart] = charts.charts(estate, period, now, [measured])
    context = {
        "estate": estate,
        "estates": estates,
        "period": period,
        "periods": charts.PERIODS,
        "chart": chart,
        "counted_until": charts.counted_until(now),
        "may_export": _may_export(request, estate),
    }
    return render(request, "desk/measure.html", context)


@login_required
@require_GET
def measure_sheet(request: SignedInRequest, key: str) -> HttpResponse:
    """The table of a chart in Excel, with all parts."""
    estate, _estates = _estate(request)
    if not _may_export(request, estate):
        raise Forbidden
    measured, period = _measure(key), _period(request)
    [chart] = charts.charts(estate, period, clock.now(), [measured])
    columns = (_("From"), _("To"), _("Part"), measured.numerator, measured.denominator, _("Share"))
    found = list(_figure_rows(chart))
    order = exports.Order(
        file_name=f"{measured.title}-{estate.name}",
        title=str(measured.title),
        columns=[str(one) for one in columns],
        rows=found,
        count=len(found),
        right=EXPORT,
        estates=[estate.pk],
    )
    return exports.sheet(request, name="figures", order=order)


def _figure_rows(chart: charts.Chart) -> Iterator[tuple[Any, ...]]:
    for point in chart.points:
        for label, cell in chart.parts_of(point):
            yield point.first, point.last, label, *cell.amounts, cell.share


def _span(request: SignedInRequest) -> Span:
    """``?from=&to=``; yesterday where they say nothing that is a span of days."""
    yesterday = clock.today(clock.now()) - timedelta(days=1)
    first, last = day_of(request.GET.get("from", "")), day_of(request.GET.get("to", ""))
    if first is None or last is None or first > last or last - first > LONGEST_SPAN:
        return Span(yesterday, yesterday)
    return Span(first, last)


def _part(request: SignedInRequest, measured: Measure) -> str:
    part = request.GET.get("part", "")
    if part not in measured.parts:
        part = measured.tabs[0] if measured.tabs else ""
    return part


@login_required
@require_GET
def rows(request: SignedInRequest, key: str) -> HttpResponse:
    """The very rows that a figure counts; of use, only the numbers by day and version."""
    estate, _estates = _estate(request)
    measured, span = _measure(key), _span(request)
    part = _part(request, measured)
    context = {
        "estate": estate,
        "measure": measured,
        "span": span,
        "part": part,
        "tabs": _tabs(measured, estate, span, part),
        "may_export": _may_export(request, estate),
        "query": urlencode(_query(estate, span, part)),
    }
    if not measured.has_rows:
        return render(request, "desk/measure_days.html", context | {"days": _days(measured, estate, span)})
    before = request.GET.get("before", "")
    key_of_page = int(before) if before.isascii() and before.isdecimal() and len(before) < KEY_DIGITS else 0
    found, older = figure_rows.page(measured, estate.pk, span, part, key_of_page)
    context |= {"rows": found, "next_url": f"?{context['query']}&before={older}" if older else ""}
    return render(request, "desk/measure_rows.html", context)


def _query(estate: Estate, span: Span, part: str) -> dict[str, Any]:
    return {"estate": estate.pk, "from": span.first.isoformat(), "to": span.last.isoformat(), "part": part}


def _tabs(measured: Measure, estate: Estate, span: Span, part: str) -> list[tuple[str, str, bool]]:
    """Address, label, whether it is the one that is shown."""
    names = measured.tabs or ("", *measured.parts)
    return [
        (
            f"?{urlencode(_query(estate, span, name))}",
            str(measured.parts[name]) if name else pgettext("part", "All"),
            name == part,
        )
        for name in names
    ]


def _days(measured: Measure, estate: Estate, span: Span) -> list[tuple[date, str, charts.Cell]]:
    figures = DayFigure.objects.filter(
        estate=estate, measure=measured.key, day__gte=span.first, day__lte=span.last
    )
    return [
        (
            one.day,
            str(measured.parts.get(one.dimension, one.dimension)),
            charts.Cell(measured, one.numerator, one.denominator),
        )
        for one in figures.order_by("-day", "dimension")
    ]


@login_required
@require_GET
def rows_sheet(request: SignedInRequest, key: str) -> HttpResponse:
    """The rows behind a figure in Excel."""
    estate, _estates = _estate(request)
    measured, span = _measure(key), _span(request)
    if not measured.has_rows:
        raise Http404
    if not _may_export(request, estate):
        raise Forbidden
    part = _part(request, measured)
    columns = (_("When"), _("What"), _("Reference"), _("Result"), measured.numerator)
    order = exports.Order(
        file_name=f"{measured.title}-{span.first:%Y%m%d}-{span.last:%Y%m%d}-{estate.name}",
        title=str(measured.title),
        columns=[str(one) for one in columns],
        rows=_rows_behind(measured, estate, span, part),
        count=min(figure_rows.count(measured, estate.pk, span, part), MAX_EXPORTED),
        right=EXPORT,
        estates=[estate.pk],
    )
    return exports.sheet(request, name="figure_rows", order=order)


def _rows_behind(measured: Measure, estate: Estate, span: Span, part: str) -> Iterator[tuple[Any, ...]]:
    for one in figure_rows.every_row(measured, estate.pk, span, part, MAX_EXPORTED):
        yield one.when, one.what, one.reference, one.words, 1 if one.is_good else 0
