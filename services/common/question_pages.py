"""Pages that ask a resident one question after another, and keep the answers in a draft.

Each service has its own draft, its own questions and its own actions; this is what the pages share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest
from django.urls import reverse

Draft = TypeVar("Draft", bound=Any)


@dataclass(frozen=True)
class Question(Generic[Draft]):
    """A page that asks something. ``is_due`` says whether the draft still lacks the answer."""

    url_name: str
    is_due: Callable[[Draft], bool]


def next_page(draft: Draft, questions: Sequence[Question[Draft]], *, last: str) -> str:
    """The address of the first question that is due, or of the page named ``last`` if none is."""
    due = next((question.url_name for question in questions if question.is_due(draft)), last)
    return reverse(due, args=[draft.pk])


def page_key(request: HttpRequest) -> UUID:
    """The single-use key of a page, so that two taps do one thing; a new one if the page sent none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def row_key(text: str) -> int:
    """Reads a key of a row out of an address or a form; raises ``Http404`` if it is not a number."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Http404
    return int(text)
