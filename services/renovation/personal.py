"""Models with personal data, with their paths to the people."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core.services import DataUse, Open, Personal
from services.renovation.models import Appointment

PERSONAL = (
    Personal("renovation.appointment", about=("resident",), by=("booked_by",)),
    Personal("renovation.appointmentchange", about=("appointment__resident",), by=("actor", "on_behalf_of")),
    Personal("renovation.appointmentwaiting", about=("waiting__resident",)),
    Personal("renovation.participation", about=("answered_by",)),
    Personal("renovation.projectquestion", about=("asked_by",), by=("answered_by",), plain=("words",)),
    Personal("renovation.projectchange", by=("actor", "on_behalf_of")),
    Personal("renovation.crew", about=("members",)),
    Personal("renovation.renovationpicture", about=("appointment__resident",), by=("added_by",), goes=True),
    Personal(
        "renovation.renovationrecording",
        about=("appointment__resident", "participation__answered_by"),
        by=("added_by",),
        goes=True,
    ),
    Personal("common.satisfaction", about=("appointment__resident",)),
    Personal("common.satisfactionrecording", about=("satisfaction__appointment__resident",), goes=True),
)


_UNDER_WAY = (Appointment.Status.BOOKED, Appointment.Status.UNDER_WAY, Appointment.Status.DEFECTS)


def _open_matters(person: User) -> Iterator[Open]:
    if Appointment.objects.filter(resident=person, status__in=_UNDER_WAY).exists():
        yield Open(
            _("Work in your home is agreed: cancel it, or wait until it is done."), reverse("renovations")
        )


DATA_USE = DataUse(
    gettext_lazy("Renovation"),
    gettext_lazy("So that the crew comes when you are there, and does what you wished."),
    gettext_lazy("That the work was done stays for the warranty, without your words and pictures."),
    "renovations",
    icon="building",
    position=60,
    open_matters=_open_matters,
)
