"""Pages without traces: neither their visitors nor the time of a visit are recorded."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def leaves_no_trace(view: View) -> View:
    """Marks a view without traces; logs and counters check ``is_traceless``."""
    view.leaves_no_trace = True  # type: ignore[attr-defined]
    return view


def is_traceless(view: Any) -> bool:
    """Whether the view leaves no trace."""
    return getattr(view, "leaves_no_trace", False) is True


class NoTrace(logging.Filter):
    """Logging filter that drops requests to pages without traces, except errors, which name no person."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = getattr(getattr(record, "request", None), "resolver_match", None)
        return record.levelno >= logging.ERROR or not is_traceless(getattr(found, "func", None))
