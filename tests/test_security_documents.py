"""Each requirement of the ASVS is answered once, and each test that an answer names is there."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = ROOT / "tests" / "cases" / "asvs_numbers.txt"
TABLES = ROOT / "docs" / "asvs.md"


def rows() -> Iterator[list[str]]:
    """The cells of each row: numbers, duty, by what, shown where."""
    for line in TABLES.read_text().splitlines():
        if line.startswith("| V"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def required() -> set[str]:
    lines = [line for line in NUMBERS.read_text().splitlines() if not line.startswith("#")]
    return {
        f"{section}.{number}"
        for section, _colon, numbers in (line.partition(":") for line in lines)
        for number in numbers.split()
    }


def test_asvs__each_number__is_answered_once() -> None:
    answered = Counter(number for numbers, *_rest in rows() for number in numbers.split(", "))
    assert len(required()) == 253
    assert set(answered) == required()
    assert set(answered.values()) == {1}


def test_asvs__each_row__has_an_answer_and_names_tests_that_exist() -> None:
    wrong = []
    for number, duty, by, shown in rows():
        tests = re.findall(r"`([^`]+)`", shown)
        gone = [path for path in tests if not (ROOT / "tests" / path).is_file()]
        is_open = "missing" in by or by.startswith("not used") or shown.startswith(("operator", "see ", "—"))
        if not duty or not (by or shown) or gone or not (tests or is_open or by.startswith("none ")):
            wrong.append(f"{number}: {gone or 'says nothing'}")
    assert wrong == []
