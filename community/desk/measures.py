"""What is measured: each figure defined once, in the words in which it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.modes import LARGE, STANDARD
from community.core.money import as_yuan
from community.desk import counting
from community.desk.counting import ANY, UNKNOWN, Counted, Span
from services.common.models import Service
from services.fees.models import FeeItem

Words = Promise | str


@dataclass(frozen=True)
class Measure:
    """``sentence`` says a figure in words: so many (``numerator``) of so many (``denominator``).

    Its total is the part ``total``, or, where there is none, the sum of all parts. ``lines`` are the
    parts that the chart draws; empty: the total alone. All of them are better the higher they are. Of
    a stock the same people are counted every day: over several days, ``average`` says it of one of them.
    """

    key: str
    title: Words
    definition: Words
    numerator: Words
    denominator: Words
    sentence: Words
    count: Callable[[int, Span], Counted]
    parts: Mapping[str, Words]
    total: str = ""
    lines: tuple[str, ...] = ()
    is_monthly: bool = False
    is_money: bool = False
    is_stock: bool = False
    average: Words = ""
    # Parts that are no part of the total, but are said beside it.
    apart: tuple[str, ...] = ()
    icon: str = "chart"
    tone: str = "brand"
    # Whether the very rows can be shown: of whoever used the product there are only numbers.
    has_rows: bool = True
    # The parts whose rows stand in a table of their own.
    tabs: tuple[str, ...] = field(default=())

    def amount(self, total: int, days: int = 1) -> Decimal | float:
        """In yuan; of a stock on an average of so many days, rounded half up to a tenth."""
        if self.is_money:
            return Decimal(total) / 100
        return (20 * total + days) // (2 * days) / 10 if self.is_stock else total

    def words_for(self, total: int, days: int = 1) -> str:
        return as_yuan(total) if self.is_money else f"{self.amount(total, days):,.1f}".removesuffix(".0")

    def in_words(self, numerator: int, denominator: int, days: int = 1) -> str:
        sentence = self.average if self.is_stock and days > 1 else self.sentence
        return str(sentence) % {
            "numerator": self.words_for(numerator, days),
            "denominator": self.words_for(denominator, days),
        }


MODES: dict[str, Words] = {
    ANY: _("either version"),
    STANDARD: pgettext_lazy("use", "standard version"),
    LARGE: pgettext_lazy("use", "large type"),
}
ANSWERED: dict[str, Words] = {name: name.label for name in (Service.REPAIRS, Service.FEEDBACK)}

USE = Measure(
    key="use",
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
    count=counting.use,
    parts=MODES,
    total=ANY,
    lines=(ANY, LARGE),
    icon="users",
    has_rows=False,
)
USE_OLDER = Measure(
    key="use_older",
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
    count=counting.use_by_older,
    parts=MODES | {UNKNOWN: _("year of birth not known")},
    total=ANY,
    lines=(ANY, LARGE),
    apart=(UNKNOWN,),
    icon="heart",
    tone="care",
    has_rows=False,
)
FIRST_ANSWER = Measure(
    key="first_answer",
    title=_("First answer in time"),
    definition=_(
        "Of the first answers to repairs and feedback that were due on the day: those given within the "
        "promised working time. It counts by the day on which the answer was due; while we wait for the "
        "resident the clock stands still, and what was taken back counts nowhere."
    ),
    numerator=_("Answered by the time it was due"),
    denominator=_("First answers that were due on the day"),
    sentence=_("%(numerator)s of %(denominator)s answered in time"),
    count=counting.first_answers,
    parts=ANSWERED,
    icon="clock",
    tone="repair",
)
SOLUTION = Measure(
    key="solution",
    title=pgettext_lazy("figure", "Solved"),
    definition=_(
        "Of the repairs and feedback on which the last word was said on the day: those closed, because the "
        "resident confirmed it or said nothing for seven days, against those that the resident opened again."
    ),
    numerator=_("Confirmed by the resident, or closed after seven days"),
    denominator=_("Those, and what was opened again on the day"),
    sentence=_("%(numerator)s of %(denominator)s solved"),
    count=counting.solutions,
    parts=ANSWERED,
    icon="circle-check",
    tone="brand",
    tabs=(Service.REPAIRS, Service.FEEDBACK),
)
SATISFACTION = Measure(
    key="satisfaction",
    title=_("Satisfaction"),
    definition=_(
        "Of everybody who was asked and answered on the day how a repair, a visit, an appointment, a payment "
        "or feedback was: who chose the satisfied face or the thumb up."
    ),
    numerator=_("Answers that say satisfied"),
    denominator=_("All answers of the day"),
    sentence=_("%(numerator)s of %(denominator)s answers satisfied"),
    count=counting.satisfaction,
    parts={service.value: service.label for service in Service},
    icon="mood-happy",
    tone="build",
)
COLLECTION = Measure(
    key="collection",
    title=_("Collection rate"),
    definition=_(
        "Of what was billed for a month: how much of it is paid by now, whenever the payment came. Voided "
        "bills count nowhere; what was paid back is owed again. By the month that a bill is for."
    ),
    numerator=_("Paid on the bills of the month"),
    denominator=_("Billed for the month"),
    sentence=_("%(numerator)s of %(denominator)s collected"),
    count=counting.collection,
    parts={kind.value: kind.label for kind in FeeItem.Kind},
    is_monthly=True,
    is_money=True,
    icon="receipt",
    tone="brand",
)
MEASURES = (USE, USE_OLDER, FIRST_ANSWER, SOLUTION, SATISFACTION, COLLECTION)
BY_KEY = {measure.key: measure for measure in MEASURES}


def share_words(numerator: int, denominator: int) -> str:
    """``93.5%``, rounded half up; a dash where there is nothing to count."""
    if not denominator:
        return "—"
    mille = (2000 * numerator + denominator) // (2 * denominator)
    return f"{mille // 10}.{mille % 10}%"
