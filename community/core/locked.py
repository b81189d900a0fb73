"""Views that answer while a session of staff is locked: for the alarm, and none that shows data."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def works_while_locked(view: View) -> View:
    """Marks a view that answers while the session is locked. Open pages ask it by themselves, so asking it is no
    sign that somebody is there.
    """
    view.works_while_locked = True  # type: ignore[attr-defined]
    return view


def is_open_while_locked(view: Any) -> bool:
    """Whether the view answers while the session is locked."""
    return getattr(view, "works_while_locked", False) is True
