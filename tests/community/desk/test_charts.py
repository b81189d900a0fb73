"""The figures on the morning page: their charts, the rows behind them, and both in Excel."""

import io
import re
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from community.core import clock
from community.core.models import AuditRecord
from community.desk import figures
from community.desk.measures import measures
from community.desk.models import DayFigure
from community.estates.models import Estate
from services.common.models import ResponseClock, Satisfaction
from services.repairs.models import RepairChange
from tests import factories as make
from tests.community.desk.nine_oclock import NINE, SHANGHAI, as_user, waits
from tests.factories.figures import make_figures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]


def page_of(manager: User, name: str, key: str = "", **query) -> str:
    answer = as_user(manager).get(reverse(name, args=[key] if key else []), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_charts__say_the_last_figure_and_the_whole_time_in_words(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=40)
    page = page_of(manager, "morning")
    assert "10 件中 7 件" not in page  # two services: 14 of 20
    assert "20 件中 14 件按时答复" in page
    assert "600 件中 420 件按时答复" in page
    assert "70.0%" in page
    assert page.count("data-plot") == len(measures())
    assert page.count("怎么算的") == len(measures())


def use_of(estate: Estate, seen: list[int], everybody: int) -> None:
    """So many of everybody on each of the last days, the latest last; a tenth of them of unknown age."""
    last = clock.today(clock.now()) - timedelta(days=1)
    for number, count in enumerate(reversed(seen)):
        for measure, part, of in (
            ("use", "any", everybody),
            ("use_older", "any", everybody),
            ("use_older", "unknown", everybody // 10),
        ):
            DayFigure.objects.create(
                estate=estate, day=last - timedelta(days=number), measure=measure, dimension=part,
                numerator=min(count, of), denominator=of,
            )  # fmt: skip


def test_use__over_several_days__is_of_people_on_an_average_day(estate: Estate, manager: User) -> None:
    use_of(estate, [20] * 29 + [35], everybody=500)
    page = page_of(manager, "morning")
    assert "500 位住户中 35 位用过 · 11月22日" in page
    assert "全部时段：4.1%，平均每天 500 位住户中 20.5 位用过" in page
    assert "全部时段：4.1%，平均每天 500 位长者中 20.5 位用过" in page
    assert "出生年份未知: 50<" in page
    # The last week: 155 in seven days.
    page = page_of(manager, "morning", period="3m")
    assert "平均每天 500 位住户中 22.1 位用过" in page
    assert "出生年份未知: 50<" in page
    assert "22.1 / 500" in page_of(manager, "measure", "use", period="3m")
    english = as_user(manager).get(reverse("morning"), headers={"accept-language": "en"}).content.decode()
    assert "4.1%, 20.5 of 500 residents used it on an average day" in english


def test_use__in_excel__is_of_people_on_an_average_day(estate: Estate, manager: User) -> None:
    use_of(estate, [20] * 30, everybody=500)
    answer = as_user(manager).get(reverse("measure_sheet", args=["use"]), {"period": "1y"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert {row[3:] for row in rows[1:]} == {(20, 500, "4.0%")}


@pytest.mark.parametrize(("period", "points"), [("30d", 30), ("3m", 13), ("1y", 12), ("nonsense", 30)])
def test_charts__periods__by_days_weeks_or_months(
    estate: Estate, manager: User, period: str, points: int
) -> None:
    make_figures(estate=estate, days=400)
    page = page_of(manager, "measure", "satisfaction", period=period)
    assert page.count('<td class="end" data-percent') == points
    assert "70.0%" in page


def test_charts__no_row_of_a_day__is_a_gap_and_not_zero(estate: Estate, manager: User) -> None:
    page = page_of(manager, "measure", "satisfaction")
    assert page.count('data-percent=""') == 30
    assert "还没有统计数据" in page


def test_use__rows__are_numbers_and_nobody(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=3)
    page = page_of(manager, "measure_rows", "use", **{"from": "2026-11-20", "to": "2026-11-22"})
    assert page.count("7 / 10") == 9
    assert "不向任何人显示" in page
    answer = as_user(manager).get(reverse("measure_rows_sheet", args=["use"]))
    assert answer.status_code == 404


def a_day_of_rows(estate: Estate) -> dict[str, str]:
    """One good and one bad row of each kind yesterday; the words that a row of each must show."""
    yesterday = NINE - timedelta(days=1)
    repair = make.make_repair(estate=estate, status="confirmed")
    for to in ("confirmed", "reopened"):
        RepairChange.objects.create(repair=repair, from_status="done", to_status=to, at=yesterday)
    good = waits(repair, "repairs", yesterday, f"/staff/repairs/{repair.pk}/")
    ResponseClock.objects.filter(pk=good.pk).update(answered_at=yesterday)
    late = make.make_feedback(estate=estate)
    waits(late, "feedback", yesterday, f"/staff/feedback/{late.pk}/")
    for face, reference in ((3, repair.reference), (1, "R-1")):
        Satisfaction.objects.create(
            estate=estate, service="repairs", reference=reference, face=face, at=yesterday
        )
    bill = make.make_bill(home=make.make_home(estate=estate))
    figures.fill_due(clock.now())
    return {
        "first_answer": late.reference,
        "solution": repair.reference,
        "satisfaction": repair.reference,
        "collection": bill.reference,
    }


@pytest.mark.parametrize("key", ["first_answer", "solution", "satisfaction", "collection"])
def test_rows__behind_each_figure__are_as_many_as_it_says(estate: Estate, manager: User, key: str) -> None:
    reference = a_day_of_rows(estate)[key]
    first, last = ("2026-11-01", "2026-11-30") if key == "collection" else ("2026-11-22", "2026-11-22")
    page = page_of(manager, "measure_rows", key, **{"from": first, "to": last})
    assert reference in page
    rows = len(re.findall(r"<tr>\s*<td", page))
    assert rows == (1 if key == "collection" else 2)
    figure = DayFigure.objects.filter(measure=key, denominator__gt=0)
    if key != "collection":
        assert sum(one.denominator for one in figure) == rows
        assert sum(one.numerator for one in figure) == page.count("<span>是") + page.count("</svg>是")


@pytest.mark.parametrize("key", ["first_answer", "solution", "satisfaction", "collection"])
def test_rows__in_excel__on_record(estate: Estate, manager: User, key: str) -> None:
    reference = a_day_of_rows(estate)[key]
    query = {"from": "2026-11-01", "to": "2026-11-30"}
    answer = as_user(manager).get(reverse("measure_rows_sheet", args=[key]), query)
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert reference in {row[2] for row in rows[1:]}
    assert {row[4] for row in rows[1:]} <= {0, 1}
    assert AuditRecord.objects.filter(action="export.figure_rows", actor=manager).exists()


def test_figures__in_excel__with_every_part(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=40)
    answer = as_user(manager).get(reverse("measure_sheet", args=["collection"]))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][2:] == ("上门养老服务", 70, 100, "70.0%") or rows[1][3:] == (70, 100, "70.0%")
    assert AuditRecord.objects.filter(action="export.figures", actor=manager).exists()


def test_rows__many__go_on_by_key(estate: Estate, manager: User) -> None:
    at = NINE - timedelta(days=1)
    Satisfaction.objects.bulk_create(
        Satisfaction(estate=estate, service="care", reference=f"C-{n}", face=3, at=at) for n in range(120)
    )
    client, url, seen = as_user(manager), reverse("measure_rows", args=["satisfaction"]), 0
    query = "?from=2026-11-22&to=2026-11-22"
    for _page in range(3):
        answer = client.get(url + query)
        seen += len(answer.context["rows"])
        query = answer.context["next_url"]
    assert (seen, query) == (120, "")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "nonsense", "to": "2026-11-22"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2026-11-22", "to": "2026-11-01"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"before": "99999999999999999999"},
        {"before": "-1"},
        {"before": "²"},
        {"part": "nonsense"},
        {"period": "\x00"},
    ],
)
def test_rows__what_no_page_asks__is_answered_plainly(estate: Estate, manager: User, query) -> None:
    client = as_user(manager)
    for key in ("satisfaction", "solution", "use"):
        assert client.get(reverse("measure_rows", args=[key]), query).status_code == 200
    assert client.get(reverse("measure", args=["use"]), query).status_code == 200


@pytest.mark.parametrize("name", ["measure", "measure_rows", "measure_sheet", "morning_section"])
def test_page__of_nothing_that_there_is__404(manager: User, name: str) -> None:
    assert as_user(manager).get(reverse(name, args=["nonsense"])).status_code == 404


def test_days__of_the_year__begin_at_midnight_in_shanghai(estate: Estate, manager: User) -> None:
    """What happened at 23:59 is yesterday's, at 00:00 it is today's and not counted yet."""
    for number, at in enumerate(
        (datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI), datetime(2026, 11, 23, tzinfo=SHANGHAI))
    ):
        Satisfaction.objects.create(estate=estate, service="repairs", reference=str(number), face=3, at=at)
    figures.fill_due(clock.now())
    assert "1 条评价中 1 条满意" in page_of(manager, "morning")
    assert not DayFigure.objects.filter(day=date(2026, 11, 23), measure="satisfaction").exists()
