"""Columns of notices that hold something of a person."""

from community.core.services.columns import OfNobody

COLUMNS = (
    OfNobody(
        "notices.notice",
        ("title", "body", "group", "group_name", "code"),
        "published to a whole estate or a group of homes",
    ),
)
