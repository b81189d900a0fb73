"""Definitions of the morning page's figures, with their titles and sentences.

A figure of one service is defined in that service's ``figures.py``. Figures of several services, with a part
for each, and those of the use by residents are defined here.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.modes import LARGE, STANDARD
from community.core.services import declared, in_order
from community.core.services.figures import Measure, RowsBehind
from community.core.services.words import Words
from community.desk import counts, figure_rows
from community.desk.counts import ANY, UNKNOWN

FIRST_ANSWER, SOLUTION, SATISFACTION = "first_answer", "solution", "satisfaction"

MODES: dict[str, Words] = {
    ANY: _("either version"),
    STANDARD: pgettext_lazy("use", "standard version"),
    LARGE: pgettext_lazy("use", "large type"),
}

USE = Measure(
    key="use",
    position=10,
    title=_("Use by residents"),
    definition=_(
        "Of everybody who has a home here at the end of the day: who opened the product on that day, in the "
        "standard version or in large type. Over several days: of an average day."
    ),
    numerator=_("People who used it on the day, each counted once; over several days, on an average day"),
    denominator=_("People with a confirmed home at the end of the day; over several days, on an average day"),
    sentence=_("%(numerator)s of %(denominator)s residents used it"),
    is_stock=True,
    average=_("%(numerator)s of %(denominator)s residents used it on an average day"),
    count=counts.use,
    parts=MODES,
    total=ANY,
    lines=(ANY, LARGE),
    icon="users",
)
USE_OLDER = Measure(
    key="use_older",
    position=20,
    title=_("Use by older residents"),
    definition=_(
        "The same of residents who turn 60 or more this year. The year of birth comes from the roster; whose "
        "year is not known there is counted apart, and not here."
    ),
    numerator=_(
        "Older people who used it on the day, each counted once; over several days, on an average day"
    ),
    denominator=_(
        "Older people with a confirmed home at the end of the day; over several days, on an average day"
    ),
    sentence=_("%(numerator)s of %(denominator)s older residents used it"),
    is_stock=True,
    average=_("%(numerator)s of %(denominator)s older residents used it on an average day"),
    count=counts.use_by_older,
    parts=MODES | {UNKNOWN: _("year of birth not known")},
    total=ANY,
    lines=(ANY, LARGE),
    apart=(UNKNOWN,),
    icon="heart",
    tone="care",
)


def _first_answer(parts: Mapping[str, Words]) -> Measure:
    return Measure(
        key=FIRST_ANSWER,
        position=30,
        behind=RowsBehind(figure_rows.clocks, figure_rows.clock_rows),
        title=_("First answer in time"),
        definition=_(
            "Of the first answers to repairs and feedback that were due on the day: those given within the "
            "promised working time. It counts by the day on which the answer was due; while we wait for the "
            "resident the clock stands still, and what was taken back counts nowhere."
        ),
        numerator=_("Answered by the time it was due"),
        denominator=_("First answers that were due on the day"),
        sentence=_("%(numerator)s of %(denominator)s answered in time"),
        count=counts.first_answers,
        parts=parts,
        icon="clock",
        tone="repair",
    )


def _solution(parts: Mapping[str, Words]) -> Measure:
    return Measure(
        key=SOLUTION,
        position=40,
        behind=RowsBehind(figure_rows.outcomes, figure_rows.outcome_rows),
        title=pgettext_lazy("figure", "Solved"),
        definition=_(
            "Of the repairs and feedback on which the last word was said on the day: those closed, because the "
            "resident confirmed it or said nothing for seven days, against those that the resident opened again."
        ),
        numerator=_("Confirmed by the resident, or closed after seven days"),
        denominator=_("Those, and what was opened again on the day"),
        sentence=_("%(numerator)s of %(denominator)s solved"),
        count=counts.solutions,
        parts=parts,
        icon="circle-check",
        tone="brand",
        tabs=tuple(parts),
    )


def _satisfaction(parts: Mapping[str, Words]) -> Measure:
    return Measure(
        key=SATISFACTION,
        position=50,
        behind=RowsBehind(figure_rows.answers, figure_rows.answer_rows),
        title=_("Satisfaction"),
        definition=_(
            "Of everybody who was asked and answered on the day how a repair, a visit, an appointment, a payment "
            "or feedback was: who chose the satisfied face or the thumb up."
        ),
        numerator=_("Answers that say satisfied"),
        denominator=_("All answers of the day"),
        sentence=_("%(numerator)s of %(denominator)s answers satisfied"),
        count=counts.satisfaction,
        parts=parts,
        icon="mood-happy",
        tone="build",
    )


def measures() -> list[Measure]:
    """Returns the figures of all services that are switched on, in the order of the page."""
    found = [USE, USE_OLDER]
    for make, services in (
        (_first_answer, counts.services_with_first_answers()),
        (_solution, counts.services_with_outcomes()),
        (_satisfaction, counts.services_with_ratings()),
    ):
        if services:
            found.append(make({service.key: service.answers_label or service.label for service in services}))
    found += [measure for service in declared() if service.figures for measure in service.figures.measures]
    return in_order(found)


def find_measure(key: str) -> Measure | None:
    """Returns the figure with this key; None if it is unknown or its service is switched off."""
    return next((measure for measure in measures() if measure.key == key), None)


def share_words(numerator: int, denominator: int) -> str:
    """Returns the share as ``93.5%``, rounded half up; a dash if the denominator is zero."""
    if not denominator:
        return "—"
    mille = (2000 * numerator + denominator) // (2 * denominator)
    return f"{mille // 10}.{mille % 10}%"
