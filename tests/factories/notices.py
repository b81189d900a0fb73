"""Factory of notices."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from accounts.models import StaffRole, User
from community.core import clock
from community.core.transitions import record_first_status
from community.estates.models import Building, Entrance, Estate, Home
from community.notices import body
from community.notices.models import Notice, NoticePart
from tests.factories.base import make_estate, make_staff


def make_notice(
    *,
    estate: Estate | None = None,
    status: str = Notice.Status.PUBLISHED,
    text: str = "明天上午停水，请提前储水。",
    buildings: list[Building] | None = None,
    entrances: list[Entrance] | None = None,
    homes: list[Home] | None = None,
    by: User | None = None,
    at: datetime | None = None,
    **overrides: Any,
) -> Notice:
    """Creates a published notice whose messages are sent; for the whole estate unless places are named."""
    estate = estate or make_estate()
    at = at or clock.now()
    places = [("building", one) for one in buildings or []]
    places += [("entrance", one) for one in entrances or []]
    places += [("home", one) for one in homes or []]
    scope = f"{places[0][0]}s" if places else Notice.Scope.ESTATE
    out = status in (Notice.Status.PUBLISHED, Notice.Status.WITHDRAWN)
    fields: dict[str, Any] = {
        "key": uuid4(),
        "title": "3号楼明天停水",
        "body": body.from_text(text),
        "kind": Notice.Kind.WATER,
        "scope": scope,
        "written_by": by or make_staff(role=StaffRole.Role.FRONT_DESK, estate=estate),
        "created_at": at,
        "status_changed_at": at,
        "published_at": at if out else None,
        "told_at": at if out else None,
        "publish_at": at if status == Notice.Status.SCHEDULED else None,
    }
    notice = Notice.objects.create(estate=estate, status=status, **(fields | overrides))
    NoticePart.objects.bulk_create(NoticePart(notice=notice, **{name: place}) for name, place in places)
    record_first_status(notice, by=notice.written_by, now=at)
    return notice
