"""Columns of times and bookings that hold something of a person."""

from community.core.services.columns import OfNobody

COLUMNS = (
    OfNobody("scheduling.resource", ("name",), "rooms, tables, and groups of carers or crews"),
    OfNobody("scheduling.closure", ("reason",), "published to the estate"),
    OfNobody("scheduling.slot", ("closed_because",), "published to the estate"),
)
