"""Columns of estates that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    OfNobody("estates.propertycompany", ("name", "credit_code"), "a company"),
    OfNobody(
        "estates.estate",
        ("name", "code", "address", "desk_phone", "emergency_phone"),
        "published by the estate",
    ),
    OfNobody("estates.building", ("name",), "an address until somebody is said to live there"),
    OfNobody("estates.entrance", ("name",), "an address until somebody is said to live there"),
    OfNobody("estates.home", ("number",), "an address until somebody is said to live there"),
    OfNobody("estates.publicplace", ("name", "code"), "shared parts of an estate"),
    OfNobody("estates.calendarday", ("name",), "holidays"),
    Columns(
        "estates.importrun",
        ("file_name", "rows", "outcome", "journal"),
        Kind.PAPER,
        Purpose.OFFICE,
        Keep.SHORT,
        sensitive=True,
        encrypted=True,
    ),
    Columns("estates.importrun", ("stored",), Kind.PAPER, Purpose.OFFICE, Keep.SHORT),
    Columns("estates.importrun", ("address",), Kind.NETWORK, Purpose.SECURITY, Keep.SHORT),
    Columns("estates.importrun", ("language",), Kind.SETTING, Purpose.OFFICE, Keep.SHORT),
    OfNobody("estates.importrun", ("kind", "answers"), "the kind of a sheet and what its columns mean"),
    OfNobody("estates.sheetword", ("kind", "written", "meant"), "headings of sheets"),
)
