"""Columns of feedback that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    OfNobody("feedback.standardanswer", ("title", "words"), "answers ready for use"),
    # A compliment may name a member of staff.
    Columns("feedback.feedback", ("about",), Kind.WORDS, Purpose.OPINION, Keep.MATTER),
    Columns("feedback.feedback", ("code_hash",), Kind.SECRET, Purpose.OPINION, Keep.MATTER),
    Columns("feedback.feedback", ("repair_reference",), Kind.REFERENCE, Purpose.OPINION, Keep.MATTER),
)
