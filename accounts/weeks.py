"""The week in which a session was last put off; free of models, because the app connects it while loading."""

from typing import Any

from django.http import HttpRequest

from community.core import clock

WEEK = "kept_in_week"


def note_week(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Django says that somebody has signed in: the first page need not write the week."""
    request.session[WEEK] = this_week()


def this_week() -> str:
    year, week, _day = clock.now().isocalendar()
    return f"{year}-{week}"
