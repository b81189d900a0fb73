"""Repairs on the desk's page of a resident."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core.services.staff import ResidentAction, ResidentPart
from services.repairs.models import Repair

RECENT = 5


def _report_url(person: User, residency: Residency) -> str:
    return reverse("report_begin") + "?" + urlencode({"for": person.pk, "home": residency.home_id})


def _latest(reader: User, person: User) -> dict[str, Any]:
    repairs = Repair.objects.visible_to(reader).filter(resident=person).with_people()
    return {"repairs": repairs.order_by("-created_at", "-pk")[:RECENT]}


ACTIONS = (
    ResidentAction(position=10, label=_("Report for them"), icon="tool", kind="main", url=_report_url),
)
PARTS = (ResidentPart(position=10, template="repairs/staff/of_resident.html", context=_latest),)
