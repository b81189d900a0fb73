"""Parses the yearly holiday announcement of the State Council; staff confirm each day.

The announcement has had the same form for years: 「春节：2月15日（周日）至23日（周一）放假调休，共9天。
2月14日（周六）、2月28日（周六）上班。」 Lines with whole dates are understood too: 2027-02-06 春节 休.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import holidays

SATURDAY = 5
LONGEST = timedelta(days=15)
IN_BRACKETS = re.compile(r"\([^)]*\)")
NUMBERING = re.compile(r"^\s*[一二三四五六七八九十\d]+[、.]\s*")
NAME = re.compile(r"^\s*([\u4e00-\u9fff、]{2,20})\s*:")
DAYS = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日"
    r"(?:\s*(?:至|到|-|–|~)\s*(?:(?P<to_year>20\d\d)年)?(?:(?P<to_month>\d{1,2})月)?(?P<to_day>\d{1,2})日)?"
)
WHOLE_DATE = re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
WORKED = re.compile(r"上班|补班|调休上班|工作日|班$|班\s")
WORDS_OF_LINE = re.compile(r"放假|上班|补班|休息|休|调休|周.|星期.|工作日|班|\d+|[-/.,;:\t 　]")


@dataclass(frozen=True)
class ProposedDay:
    """A day off, or a worked Saturday or Sunday with the weekday whose hours apply."""

    day: date
    name: str
    is_working: bool
    hours_of: int | None = None


def read(text: str, year: int) -> list[ProposedDay]:
    """Returns the days named in a pasted announcement or list, in order; the last mention of a day counts."""
    plain = unicodedata.normalize("NFKC", text)
    found: dict[date, ProposedDay] = {}
    name = ""
    for line in re.split(r"[。;\n]", plain):
        named = NAME.search(NUMBERING.sub("", line))
        name = named[1] if named else name
        # 「元旦：2026年12月31日至2027年1月2日放假」 is a sentence, 「2027-02-06 春节 休」 a line.
        is_sentence = named is not None or not WHOLE_DATE.search(line)
        days = _of_sentence(line, name, year) if is_sentence else _of_line(line, name)
        found |= {one.day: one for one in days}
    ordered = sorted(found.values(), key=lambda one: one.day)
    return _with_hours(ordered)


def statutory(year: int) -> list[ProposedDay]:
    """Returns the statutory days off of a year, before the announcement; make-up days are not known yet."""
    calendar = holidays.China(years=year, observed=False, language="zh_CN")
    days = sorted(calendar.items())
    return [ProposedDay(day, name, is_working=False) for day, name in days if day.year == year]


def _of_line(line: str, above: str) -> Iterator[ProposedDay]:
    found = WHOLE_DATE.search(line)
    day = _day(found[1], found[2], found[3]) if found else None
    if found is None or day is None:
        return
    rest = (line[: found.start()] + " " + line[found.end() :]).strip()
    name = WORDS_OF_LINE.sub("", IN_BRACKETS.sub("", rest)) or above
    yield ProposedDay(day, name, is_working=WORKED.search(rest) is not None)


def _of_sentence(line: str, name: str, year: int) -> Iterator[ProposedDay]:
    bare = IN_BRACKETS.sub("", line)
    is_working = "上班" in bare
    if not is_working and "放假" not in bare:
        return
    month = ""
    for found in DAYS.finditer(bare):
        begin = found["month"] or month
        month = found["to_month"] or begin
        begins = found["year"] or year
        first = _day(begins, begin, found["day"])
        last = _day(found["to_year"] or begins, month, found["to_day"]) if found["to_day"] else first
        if first is None or last is None or not timedelta() <= last - first <= LONGEST:
            continue
        for number in range((last - first).days + 1):
            yield ProposedDay(first + timedelta(days=number), name, is_working)


def _day(year: str | int, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _with_hours(days: list[ProposedDay]) -> list[ProposedDay]:
    """Sets the weekday whose hours each make-up day has: the last weekdays off of its holiday that are not
    statutory.
    """
    fixed = {
        one
        for year in {day.day.year for day in days}
        for one, words in holidays.China(years=year, language="en_US").items()
        if "substituted" not in words
    }
    hours: dict[date, int] = {}
    for name in {one.name for one in days}:
        of_name = [one for one in days if one.name == name]
        worked = [one.day for one in of_name if one.is_working and one.day.weekday() >= SATURDAY]
        free = [
            one.day
            for one in of_name
            if not one.is_working and one.day.weekday() < SATURDAY and one.day not in fixed
        ]
        if worked and len(free) >= len(worked):
            pairs = zip(worked, free[-len(worked) :], strict=True)
            hours |= {day: other.weekday() for day, other in pairs}
    return [replace(one, hours_of=hours.get(one.day)) for one in days]
