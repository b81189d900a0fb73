"""What other services tell repairs."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.events import Made
from community.core.services import is_on
from community.estates.models import Estate, Home
from services.repairs import KEY, actions
from services.repairs.models import RepairCategory


def repair_under_warranty(
    *,
    resident: User,
    by: User,
    estate: Estate,
    home: Home,
    icon: str,
    words: str,
    key: UUID,
    now: datetime,
) -> Made | None:
    """Reports a repair of what broke within a warranty; None while the service is switched off.

    Raises ``ActionError`` where the estate's catalogue offers nothing for homes.
    """
    if not is_on(KEY):
        return None
    with transaction.atomic():
        report = actions.NewReport(
            resident=resident, estate=estate, home=home, category=_category(estate, icon), key=key
        )
        draft = actions.begin_report(report, by=by, now=now)
        if draft.repair is None:
            actions.answer_report(draft=draft, by=by, description=words)
        repair = actions.send_report(draft=draft, by=by, now=now)
    return Made(repair.pk, repair.reference, reverse("repair", args=[repair.pk]))


def _category(estate: Estate, icon: str) -> RepairCategory:
    """The category of the catalogue with the same icon (a window, a pipe), else the last."""
    offered = RepairCategory.objects.offered().filter(estate=estate, is_emergency=False, parent__isnull=False)
    in_homes = list(
        offered.exclude(where=RepairCategory.Where.PUBLIC).order_by("parent__position", "position")
    )
    if not in_homes:
        raise ActionError("no_category", _("The desk has no list of repairs yet. Please call."))
    return next((one for one in in_homes if one.icon == icon), in_homes[-1])
