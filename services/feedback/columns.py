"""Columns of feedback that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    OfNobody("feedback.standardanswer", ("title", "words"), "answers ready for use"),
    OfNobody("feedback.feedback", ("about",), "what a complaint is about, from a list"),
    Columns("feedback.feedback", ("code_hash",), Kind.SECRET, Purpose.OPINION, Keep.MATTER),
    Columns("feedback.feedback", ("repair_reference",), Kind.REFERENCE, Purpose.OPINION, Keep.MATTER),
)
