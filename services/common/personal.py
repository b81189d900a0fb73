"""Personal data in the rows that services share."""

from community.core.services import Personal

PERSONAL = (
    Personal("common.alarm", by=("raised_by", "acknowledged_by")),
    Personal("common.satisfaction", about=("question__resident",), by=("given_by",)),
    Personal("common.satisfactionquestion", about=("resident",)),
    Personal(
        "common.satisfactionrecording",
        about=("satisfaction__question__resident",),
        by=("added_by",),
        goes=True,
    ),
    Personal("common.worksubmission", about=("worker",), goes=True),
)
