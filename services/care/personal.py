"""Rows of elderly care that are personal data."""

from community.core.services import Personal

PERSONAL = (
    Personal("care.carebooking", about=("resident",), by=("reported_by", "carer")),
    Personal("care.carebookingchange", about=("booking__resident",), by=("actor", "on_behalf_of")),
    Personal("care.caredraft", about=("resident",), by=("begun_by",)),
    Personal("care.carerecording", about=("draft__resident", "booking__resident"), by=("added_by",)),
    Personal("care.carer", about=("user",)),
    Personal("care.carerpicture", about=("carer__user",), by=("added_by",)),
    Personal("care.menu", by=("changed_by",)),
    Personal("care.menupicture", by=("added_by",)),
)
