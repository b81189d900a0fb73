"""What pages of residents show of notices; also those of other apps, which may ask here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from community.notices.models import Notice
from community.notices.models.notices import estate_topic

PINNED, LATEST = 3, 3
LOOKED_AT = 12


@dataclass(frozen=True)
class News:
    """What is pinned, and the newest of the rest."""

    pinned: list[Notice]
    latest: list[Notice]
    unread: int


def news_for(user: User, now: datetime) -> News:
    """One query: the urgent ones first, then the newest. ``unread`` is of those that are looked at."""
    rows = Notice.objects.visible_to(user).current(now).marked_read(user)
    found = list(rows.order_by("-is_urgent", "-published_at", "-pk")[:LOOKED_AT])
    return News(
        pinned=[notice for notice in found if notice.is_urgent][:PINNED],
        latest=[notice for notice in found if not notice.is_urgent][:LATEST],
        unread=sum(not notice.is_read for notice in found),  # type: ignore[attr-defined]
    )


def live_topics(estates: Iterable[int]) -> list[str]:
    """What an open page of somebody who lives in these estates listens to."""
    return [estate_topic(pk) for pk in sorted(set(estates))]
