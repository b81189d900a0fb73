"""Lists of feedback for staff, in a number of queries that does not grow with the rows."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from community.core.search.filtering import Ways, search_filter
from community.estates.models import Estate
from services.common.models import ResponseClock
from services.common.response import standings
from services.feedback import KEY
from services.feedback.models import Feedback, FeedbackPicture

# Who wrote without a name has neither a name nor a number to be found by.
FOUND_BY = Ways(people=("resident",), references=("reference", "repair_reference"), words=("about",))


def narrowed(rows: QuerySet[Feedback], asked: dict[str, Any], now: datetime) -> QuerySet[Feedback]:
    """What the filters leave; without a state, what is open."""
    state = asked.get("state", "")
    if not state:
        rows = rows.open()  # type: ignore[attr-defined]
    elif state != "all":
        rows = rows.filter(status=state)
    for name in ("kind", "department"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name]})
    if asked.get("late"):
        late = ResponseClock.objects.overdue(now).filter(
            estate=OuterRef("estate"), service=KEY, reference=OuterRef("reference")
        )
        rows = rows.filter(Exists(late))
    return rows.filter(search_filter(asked.get("words", ""), FOUND_BY))


def in_staff_words(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """With the people, and whether there are pictures, in the same query."""
    return rows.with_people().annotate(  # type: ignore[attr-defined]
        has_pictures=Exists(FeedbackPicture.objects.filter(feedback=OuterRef("pk")))
    )


def show_clocks(rows: list[Feedback], estate: Estate, now: datetime) -> None:
    """Gives each row that waits for a first answer its ``standing``."""
    found = standings(estate, KEY, [row.reference for row in rows], now)
    for row in rows:
        row.standing = found.get(row.reference)  # type: ignore[attr-defined]
