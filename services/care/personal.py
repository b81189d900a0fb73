"""Rows of elderly care that are personal data."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core.services import DataUse, Open, Personal
from services.care.models import CareBooking

PERSONAL = (
    Personal("care.carebooking", about=("resident",), by=("reported_by", "carer")),
    Personal(
        "care.carebookingchange",
        about=("booking__resident",),
        by=("actor", "on_behalf_of"),
        others=("carer_name",),
    ),
    Personal("care.caredraft", about=("resident",), by=("begun_by",), goes=True),
    Personal(
        "care.carerecording", about=("draft__resident", "booking__resident"), by=("added_by",), goes=True
    ),
    Personal("care.carer", about=("user",)),
    Personal("care.carerpicture", about=("carer__user",), by=("added_by",), goes=True),
    Personal("care.menu", by=("changed_by",)),
    Personal("care.menupicture", by=("added_by",)),
    Personal("common.satisfaction", about=("care_booking__resident",)),
    Personal("common.satisfactionrecording", about=("satisfaction__care_booking__resident",), goes=True),
)


def _open_matters(person: User) -> Iterator[Open]:
    if CareBooking.objects.open().filter(resident=person).exists():
        yield Open(
            _("A care visit is booked: cancel it, or wait until it is over."), reverse("care_bookings")
        )


DATA_USE = DataUse(
    gettext_lazy("Care bookings"),
    gettext_lazy("So that the right person comes at the right time, and knows what to mind."),
    gettext_lazy("The booking stays for the books, without your words."),
    "care_bookings",
    icon="heart",
    position=30,
    open_matters=_open_matters,
)
