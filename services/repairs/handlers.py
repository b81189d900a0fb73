"""Handlers of events that other services send to repairs."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.events import Made
from community.estates.models import Estate, Home
from services.repairs import actions
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
) -> Made:
    """Reports a repair of a defect within a warranty.

    Using ``key`` again returns the same repair. Raises ``ActionError`` (``no_category``) if the estate's
    catalogue has nothing for homes, and errors of ``begin_report``, ``answer_report`` and ``send_report``.
    """
    with transaction.atomic():
        report = actions.NewReport(
            resident=resident, estate=estate, home=home, category=_matching_category(estate, icon), key=key
        )
        draft = actions.begin_report(report, by=by, now=now)
        if draft.repair is None:
            actions.answer_report(draft=draft, by=by, description=words)
        repair = actions.send_report(draft=draft, by=by, now=now)
    return Made(repair.pk, repair.reference, reverse("repair", args=[repair.pk]))


def _matching_category(estate: Estate, icon: str) -> RepairCategory:
    """Returns the category for homes with the same icon (a window, a pipe), else the last one."""
    offered = RepairCategory.objects.offered().filter(estate=estate, is_emergency=False, parent__isnull=False)
    in_homes = list(
        offered.exclude(where=RepairCategory.Where.PUBLIC).order_by("parent__position", "position")
    )
    if not in_homes:
        raise ActionError("no_category", _("The desk has no list of repairs yet. Please call."))
    return next((category for category in in_homes if category.icon == icon), in_homes[-1])
