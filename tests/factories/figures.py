from datetime import date, timedelta
from typing import Any

from community.core import clock
from community.desk.measures import measures
from community.desk.models import DayFigure


def make_figures(*, estate: Any, days: int, until: date | None = None) -> int:
    """Creates ``days`` of every figure up to yesterday: each part is 7 of 10, or 70 of 100 yuan."""
    last = until or clock.today(clock.now()) - timedelta(days=1)
    rows = []
    for measure in measures():
        size = 1000 if measure.is_money else 1
        for number in range(days):
            day = last - timedelta(days=number)
            if measure.is_monthly and day.day != 1:
                continue
            rows += [
                DayFigure(
                    estate=estate,
                    day=day,
                    measure=measure.key,
                    dimension=part,
                    numerator=7 * size,
                    denominator=10 * size,
                )
                for part in measure.parts
            ]
    return len(DayFigure.objects.bulk_create(rows, batch_size=1000))
