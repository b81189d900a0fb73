"""Repairs of a home whose resident has moved out (handler of ``residency_ended``)."""

from datetime import datetime

from accounts.models import Residency
from community.core.links import page_named
from community.notifications import outbox
from services.repairs.actions.reporting import discard_draft
from services.repairs.actions.steps import message_params, notify_open_pages
from services.repairs.models import Repair, RepairDraft


def leave_home(*, residency: Residency, now: datetime) -> None:
    """Passes the open repairs to the resident who has lived in the home longest; both are notified.

    If nobody is left, the desk follows them. Unsent reports of the home are deleted. A person who still has
    another residency in the home keeps theirs.
    """
    person, home = residency.user, residency.home
    staying = Residency.objects.active().filter(home=home)
    if staying.filter(user=person).exists():
        return
    for draft in RepairDraft.objects.filter(resident=person, home=home, repair=None):
        discard_draft(draft)
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
