"""The demo's morning page: a year of figures, and no list that is empty for want of data."""

from community.core import clock
from community.desk import charts, figures
from community.desk.models import DayFigure, Presence
from community.estates.models import Estate


def test_demo__every_chart_has_a_year__and_counting_again_changes_nothing(demo: None) -> None:
    now = clock.now()
    for estate in Estate.objects.all():
        for chart in charts.charts(estate, charts.BY_KEY["1y"], now):
            told = [point for point, [cell, *_more] in chart.rows if cell.denominator]
            assert len(told) >= (6 if chart.measure.key == "first_answer" else 11), (
                estate,
                chart.measure.key,
            )
    first = Presence.objects.order_by("day").values_list("day", flat=True)[0]
    assert (clock.today(now) - first).days <= figures.PRESENCE_KEPT_DAYS + 1
    before = DayFigure.objects.count()
    figures.fill_due(now)
    assert DayFigure.objects.count() == before
