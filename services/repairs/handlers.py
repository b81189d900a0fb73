"""Handlers of events; each runs in the event's transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Residency, User
from community.core.errors import ActionError
from community.core.events import Made
from community.core.links import page_named
from community.estates.models import Estate, Home
from community.notifications import outbox
from services.common.models import Alarm
from services.repairs import actions
from services.repairs.actions.steps import message_params, notify_open_pages
from services.repairs.models import Repair, RepairCategory, RepairDraft


def residency_ended(*, residency: Residency, now: datetime) -> None:
    """Passes the open repairs to the resident who has lived in the home longest; both are notified.

    If nobody is left, the desk follows them. Unsent reports of the home are deleted. A person who still has
    another residency in the home keeps theirs.
    """
    person, home = residency.user, residency.home
    staying = Residency.objects.active().filter(home=home)
    if staying.filter(user=person).exists():
        return
    for draft in RepairDraft.objects.filter(resident=person, home=home, repair=None):
        actions.discard_draft(draft)
    successor = staying.order_by("status_changed_at", "pk").select_related("user").first()
    for repair in Repair.objects.open().filter(resident=person, home=home).with_people():
        key = f"repair:{repair.pk}:left:{residency.pk}"
        outbox.queue_message(person, "repair_left", key=key, params=message_params(repair), now=now)
        notify_open_pages(repair)
        if successor is not None:
            Repair.objects.filter(pk=repair.pk).update(resident=successor.user)
            repair.resident = successor.user
            url = page_named("repair", repair.pk)
            outbox.queue_message(
                successor.user, "repair_passed", key=key, params=message_params(repair), url=url, now=now
            )
            notify_open_pages(repair)


def alarm_taken(*, alarm: Alarm, by: User, now: datetime) -> None:
    """Tells the open pages of an emergency who sees to it."""
    repair = Repair.objects.filter(alarm=alarm).first()
    if repair is not None:
        notify_open_pages(repair)


def warranty_claimed(
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
