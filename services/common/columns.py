"""Columns that services share, and that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    Columns(
        "common.request",
        ("description",),
        Kind.WORDS,
        Purpose.SERVICE,
        Keep.MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns("common.request", ("reference",), Kind.REFERENCE, Purpose.SERVICE, Keep.MATTER),
    Columns(
        "common.message", ("words",), Kind.WORDS, Purpose.SERVICE, Keep.MATTER, sensitive=True, encrypted=True
    ),
    Columns("common.picture", ("key",), Kind.PICTURE, Purpose.SERVICE, Keep.MATTER),
    Columns("common.recording", ("name",), Kind.VOICE, Purpose.SERVICE, Keep.MATTER),
    OfNobody("common.recording", ("content_type",), "kinds of files"),
    Columns(
        "common.alarm", ("title",), Kind.WORDS, Purpose.SAFETY, Keep.MATTER, sensitive=True, encrypted=True
    ),
    Columns(
        "common.alarm", ("place",), Kind.PLACE, Purpose.SAFETY, Keep.MATTER, sensitive=True, encrypted=True
    ),
    Columns("common.alarm", ("url",), Kind.REFERENCE, Purpose.SAFETY, Keep.MATTER),
    Columns("common.earlyfile", ("name",), Kind.PICTURE, Purpose.SERVICE, Keep.SHORT),
    OfNobody("common.earlyfile", ("content_type",), "kinds of files"),
    OfNobody("common.referencecounter", ("letter",), "letters of references"),
    Columns("common.responseclock", ("reference", "url"), Kind.REFERENCE, Purpose.SERVICE, Keep.MATTER),
    Columns("common.satisfaction", ("reference",), Kind.REFERENCE, Purpose.OPINION, Keep.MATTER),
    Columns(
        "common.satisfaction",
        ("words",),
        Kind.OPINION,
        Purpose.OPINION,
        Keep.MATTER,
        sensitive=True,
        encrypted=True,
    ),
    OfNobody("common.satisfaction", ("service",), "keys of services"),
    Columns("common.satisfactionquestion", ("reference",), Kind.REFERENCE, Purpose.OPINION, Keep.SHORT),
    OfNobody("common.satisfactionquestion", ("service", "what"), "keys of services and names of catalogues"),
    Columns("common.worksubmission", ("reference",), Kind.REFERENCE, Purpose.SERVICE, Keep.MATTER),
    OfNobody("common.worksubmission", ("service",), "keys of services"),
)
