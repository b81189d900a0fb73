"""Lists of feedback for staff; the number of queries does not depend on the number of rows."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from community.core.search.filtering import Ways, search_ways
from community.estates.models import Estate
from services.common.models import ResponseClock, SatisfactionRecording
from services.common.response_clock import standings
from services.feedback import KEY
from services.feedback.models import Feedback, FeedbackPicture

# Anonymous feedback has no person by whom it could be found.
FOUND_BY = Ways(people=("resident",), references=("reference", "repair_reference"), words=("about",))


def filter_feedback(rows: QuerySet[Feedback], filters: dict[str, Any], now: datetime) -> QuerySet[Feedback]:
    """Applies the filters of the list; without a status, limits to open feedback."""
    state = filters.get("state", "")
    if not state:
        rows = rows.open()  # type: ignore[attr-defined]
    elif state != "all":
        rows = rows.filter(status=state)
    for name in ("kind", "department"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if filters.get("late"):
        late = ResponseClock.objects.overdue(now).filter(
            estate=OuterRef("estate"), service=KEY, reference=OuterRef("reference")
        )
        rows = rows.filter(Exists(late))
    return rows


def ways_to(filters: dict[str, Any]) -> list[Q]:
    """Returns the conditions for the filter ``words``, of which a row must meet one; empty without it."""
    return search_ways(filters.get("words", ""), FOUND_BY, Feedback)


def with_attachment_flags(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """Loads people and annotates ``has_pictures`` and ``has_recordings``, in the same query."""
    has_pictures = Exists(FeedbackPicture.objects.filter(feedback=OuterRef("pk")))
    return rows.with_people().with_voices().annotate(has_pictures=has_pictures)  # type: ignore[attr-defined]


def rating_recording(feedback: Feedback) -> SatisfactionRecording | None:
    """Returns what was spoken with the bad rating of which this is the follow-up; None if nothing was."""
    if not feedback.is_follow_up or feedback.is_anonymous:
        return None
    return SatisfactionRecording.objects.filter(
        satisfaction__estate=feedback.estate_id, satisfaction__reference=feedback.about
    ).first()


def attach_clocks(rows: list[Feedback], estate: Estate, now: datetime) -> None:
    """Sets ``standing``, the state of the response clock, on each row that waits for a first answer."""
    found = standings(estate, KEY, [row.reference for row in rows], now)
    for row in rows:
        row.standing = found.get(row.reference)  # type: ignore[attr-defined]
