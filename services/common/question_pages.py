"""Pages with one question each, whose answers are stored in a draft.

Services have their own drafts, questions and actions; this module has the shared parts.
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
    """A page with a question. ``is_due`` says whether the draft still lacks the answer."""

    url_name: str
    is_due: Callable[[Draft], bool]


def next_page(draft: Draft, questions: Sequence[Question[Draft]], *, last: str) -> str:
    """Returns the address of the first unanswered question, or of the page named ``last``."""
    due = next((question.url_name for question in questions if question.is_due(draft)), last)
    return reverse(due, args=[draft.pk])


def page_key(request: HttpRequest) -> UUID:
    """Returns the single-use key of a page, so that two taps act once; a new one if the page sent none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def row_key(text: str) -> int:
    """Parses the key of a row from an address or form. Raises ``Http404`` if it is not a number."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Http404
    return int(text)
