"""Pages that nobody is to be found by: nothing is written down of who opened them, nor when."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def leaves_no_trace(view: View) -> View:
    """Mark a view; the log, and whatever counts or keeps visits, asks ``is_traceless`` and stays silent."""
    view.leaves_no_trace = True  # type: ignore[attr-defined]
    return view


def is_traceless(view: Any) -> bool:
    return getattr(view, "leaves_no_trace", False) is True


class NoTrace(logging.Filter):
    """Lets no line through about a request to such a page, unless it broke: then how, but not for whom."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = getattr(getattr(record, "request", None), "resolver_match", None)
        return record.levelno >= logging.ERROR or not is_traceless(getattr(found, "func", None))
