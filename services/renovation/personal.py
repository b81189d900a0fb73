"""Rows of renovation that are personal data."""

from community.core.services import Personal

PERSONAL = (
    Personal("renovation.appointment", about=("resident",), by=("booked_by",)),
    Personal("renovation.appointmentchange", about=("appointment__resident",), by=("actor", "on_behalf_of")),
    Personal("renovation.appointmentwaiting", about=("waiting__resident",)),
    Personal("renovation.participation", about=("answered_by",)),
    Personal("renovation.projectquestion", about=("asked_by",), by=("answered_by",)),
    Personal("renovation.projectchange", by=("actor", "on_behalf_of")),
    Personal("renovation.crew", about=("members",)),
    Personal("renovation.renovationpicture", about=("appointment__resident",), by=("added_by",)),
    Personal(
        "renovation.renovationrecording",
        about=("appointment__resident", "participation__answered_by"),
        by=("added_by",),
    ),
)
