"""What staff read about many at once. The number of queries does not depend on how many there are."""

import re
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from community.core.encryption import blind_index
from community.estates.models import Estate
from services.common.models import ResponseClock, Service
from services.common.response import standings
from services.feedback.models import Feedback, FeedbackPicture

MOBILE = re.compile(r"1[3-9]\d{9}")


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
            estate=OuterRef("estate"), service=Service.FEEDBACK, reference=OuterRef("reference")
        )
        rows = rows.filter(Exists(late))
    for token in (asked.get("words") or "").split():
        rows = rows.filter(_about(token))
    return rows


def _about(token: str) -> Q:
    """A reference, a name, a whole phone number. Who wrote without a name has none of them."""
    digits = re.sub(r"\D", "", token)
    if MOBILE.fullmatch(digits):
        return Q(resident__phone_index=blind_index("+86" + digits))
    return (
        Q(reference__icontains=token)
        | Q(repair_reference__icontains=token)
        | Q(about__icontains=token)
        | Q(resident__name__icontains=token)
    )


def in_staff_words(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """With the people, and whether there are pictures, in the same query."""
    return rows.with_people().annotate(  # type: ignore[attr-defined]
        has_pictures=Exists(FeedbackPicture.objects.filter(feedback=OuterRef("pk")))
    )


def show_clocks(rows: list[Feedback], estate: Estate, now: datetime) -> None:
    """Gives each row that waits for a first answer its ``standing``."""
    found = standings(estate, Service.FEEDBACK, [row.reference for row in rows], now)
    for row in rows:
        row.standing = found.get(row.reference)  # type: ignore[attr-defined]
