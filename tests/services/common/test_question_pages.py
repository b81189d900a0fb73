"""Pages that ask one question after another: the next one, keys of pages and of rows."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.http import Http404, QueryDict
from django.test import RequestFactory

from services.common.acting_for import given_by, start_query
from services.common.question_pages import Question, next_page, page_key, row_key
from tests.factories import make_resident


@dataclass
class Draft:
    pk: UUID
    place: str = ""
    words: str = ""


QUESTIONS = [
    Question[Draft]("report_place", lambda draft: not draft.place),
    Question[Draft]("report_words", lambda draft: not draft.words),
]


@pytest.mark.parametrize(
    ("place", "words", "ends"), [("", "x", "place/"), ("x", "", "words/"), ("x", "x", "check/")]
)
def test_next_page__first_that_is_due__else_the_last(place: str, words: str, ends: str) -> None:
    draft = Draft(uuid4(), place, words)
    found = next_page(draft, QUESTIONS, last="report_check")
    assert str(draft.pk) in found
    assert found.endswith(ends)


def test_page_key__of_the_page__or_a_new_one() -> None:
    key = uuid4()
    post = RequestFactory().post
    assert page_key(post("/", {"key": str(key)})) == key
    assert page_key(post("/", {"key": "mine"})) != page_key(post("/"))


@pytest.mark.parametrize("text", ["", "-1", "1e3", "x", "٣", "1" * 19])
def test_row_key__no_number__is_not_found(text: str) -> None:
    with pytest.raises(Http404):
        row_key(text)


def test_row_key__number__is_read() -> None:
    assert row_key("12") == 12


def test_given_by__form_before_address() -> None:
    request = RequestFactory()
    assert given_by(request.get("/?for=1")) == QueryDict("for=1")
    assert given_by(request.post("/?for=1", {"for": "2"}))["for"] == "2"


@pytest.mark.django_db
def test_start_query__names_whom_and_where() -> None:
    resident = make_resident()
    assert start_query(resident) == f"for={resident.pk}"
    assert start_query(resident, place="AB12CD") == f"for={resident.pk}&place=AB12CD"
