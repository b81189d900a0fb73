"""Notices shown on pages of residents, of this app and of others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from community.core.moments import changes_at
from community.notices.models import Notice
from community.notices.models.notices import estate_topic

PINNED, LATEST = 3, 3
LOOKED_AT = 12


@dataclass(frozen=True)
class News:
    """Pinned notices and the newest of the others."""

    pinned: list[Notice]
    latest: list[Notice]
    unread: int


def news_for(user: User, now: datetime) -> News:
    """Returns pinned and newest notices in one query. ``unread`` counts among the ``LOOKED_AT`` newest."""
    rows = Notice.objects.visible_to(user).current(now).marked_read(user)
    found = list(rows.order_by("-is_urgent", "-published_at", "-pk")[:LOOKED_AT])
    for notice in found:
        changes_at(notice.ends_at)
    return News(
        pinned=[notice for notice in found if notice.is_urgent][:PINNED],
        latest=[notice for notice in found if not notice.is_urgent][:LATEST],
        unread=sum(not notice.is_read for notice in found),  # type: ignore[attr-defined]
    )


def live_topics(estates: Iterable[int]) -> list[str]:
    """Returns the live topics of a page of notices for residents of these estates."""
    return [estate_topic(pk) for pk in sorted(set(estates))]
