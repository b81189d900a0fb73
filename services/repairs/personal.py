"""Models with personal data, with their paths to the people."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core.services import DataUse, Open, Personal
from services.repairs.models import Repair

_FILES_OF = ("repair__resident", "draft__resident")
PERSONAL = (
    Personal("repairs.repair", about=("resident",), by=("reported_by", "worker")),
    Personal(
        "repairs.repairchange",
        about=("repair__resident",),
        by=("actor", "on_behalf_of"),
        others=("worker_name",),
    ),
    Personal("repairs.repairdraft", about=("resident",), by=("begun_by",), goes=True),
    Personal("repairs.repairmessage", about=("repair__resident",), by=("author", "on_behalf_of")),
    Personal("repairs.repairpicture", about=_FILES_OF, by=("added_by",), goes=True),
    Personal("repairs.repairrecording", about=_FILES_OF, by=("added_by",), goes=True),
    Personal("repairs.phonequeue", about=("worker",), goes=True),
    Personal("common.satisfaction", about=("repair__resident",)),
    Personal("common.satisfactionrecording", about=("satisfaction__repair__resident",), goes=True),
)


def _open_matters(person: User) -> Iterator[Open]:
    if Repair.objects.open().filter(resident=person).exists():
        yield Open(_("A repair is under way: cancel it, or wait until it is done."), reverse("repairs"))


DATA_USE = DataUse(
    gettext_lazy("Repairs"),
    gettext_lazy("So that the worker finds the place and knows what is broken."),
    gettext_lazy("That something was mended stays for the count, without your words and pictures."),
    "repairs",
    icon="tool",
    position=10,
    open_matters=_open_matters,
)
