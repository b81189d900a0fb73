"""Columns of renovations that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

RENOVATION, MATTER = Purpose.RENOVATION, Keep.MATTER

COLUMNS = (
    OfNobody("renovation.renovationproject", ("name", "plan", "paid_by"), "published to the estate"),
    Columns(
        "renovation.renovationproject",
        ("contact_name",),
        Kind.NAME,
        RENOVATION,
        Keep.OFFICE,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "renovation.renovationproject",
        ("contact_phone",),
        Kind.PHONE,
        RENOVATION,
        Keep.OFFICE,
        sensitive=True,
        encrypted=True,
    ),
    OfNobody("renovation.timetablerow", ("what",), "published to the estate"),
    OfNobody("renovation.workitem", ("name", "about", "icon"), "published to the estate"),
    Columns(
        "renovation.projectquestion",
        ("words",),
        Kind.WORDS,
        RENOVATION,
        MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "renovation.projectquestion",
        ("answer",),
        Kind.WORDS,
        RENOVATION,
        MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "renovation.participation",
        ("wishes",),
        Kind.WORDS,
        RENOVATION,
        MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "renovation.crew", ("foreman",), Kind.NAME, RENOVATION, Keep.OFFICE, sensitive=True, encrypted=True
    ),
    Columns(
        "renovation.crew", ("phone",), Kind.PHONE, RENOVATION, Keep.OFFICE, sensitive=True, encrypted=True
    ),
    Columns("renovation.appointment", ("reference",), Kind.REFERENCE, RENOVATION, MATTER),
    Columns("renovation.renovationpicture", ("caption",), Kind.WORDS, RENOVATION, MATTER),
)
