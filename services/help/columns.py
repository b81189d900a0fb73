"""Columns of calls for help that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

SAFETY, MATTER = Purpose.SAFETY, Keep.MATTER

COLUMNS = (
    # The event in words: a fall, an illness.
    Columns("help.helpcall", ("words",), Kind.HEALTH, SAFETY, MATTER, sensitive=True, encrypted=True),
    Columns(
        "help.helpchange", ("responder_name",), Kind.NAME, SAFETY, MATTER, sensitive=True, encrypted=True
    ),
    Columns("help.helpchange", ("place",), Kind.PLACE, SAFETY, MATTER, sensitive=True, encrypted=True),
    OfNobody("help.helpstep", ("key",), "steps of a call"),
)
