"""Messages about a call to people on duty, the family and the resident; and its open pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Delegation, User
from community.notifications import live, outbox
from services.common.actions import board_topic
from services.help.models import HelpCall
from services.help.models.calls import household_of


def message_params(call: HelpCall) -> dict[str, Any]:
    """Returns the parameters of every message about a call, without text that people wrote freely."""
    return {
        "name": str(call.resident),
        "place": str(call.where),
        "reference": call.reference,
        "who": str(call.responder) if call.responder else "",
        "phone": call.estate.desk_phone,
        "is_drill": call.is_drill,
    }


def family_of(call: HelpCall) -> list[User]:
    """Returns delegates for any service and people who lived in the home when the call was made.

    The resident and the caller are left out.
    """
    given = Delegation.objects.active().filter(resident=call.resident)
    housemates = household_of(call.resident).filter(
        residencies__home=call.home,
        residencies__status="active",
        residencies__created_at__lte=call.created_at,
    )
    people = User.objects.filter(Q(pk__in=given.values("delegate")) | Q(pk__in=housemates.values("pk")))
    return list(
        people.filter(is_active=True).exclude(pk__in=[call.resident_id, call.reported_by_id]).order_by("pk")
    )


def tell_staff(call: HelpCall, person: User, *, key: str, now: datetime) -> None:
    """Notifies a person on duty, by SMS too; the message of a drill says so."""
    template = "help_drill" if call.is_drill else "help_call"
    url = reverse("staff_help_call", args=[call.pk])
    outbox.queue_message(
        person, template, key=f"help:{call.pk}:{key}", params=message_params(call), url=url, sms=True, now=now
    )


def tell_unfinished(call: HelpCall, person: User, *, key: str, now: datetime) -> None:
    """Asks the responder or the desk for the outcome, by SMS too."""
    url = reverse("staff_help_call", args=[call.pk])
    key = f"help:{call.pk}:{key}"
    outbox.queue_message(
        person, "help_unfinished", key=key, params=message_params(call), url=url, sms=True, now=now
    )


def tell_taken_back(call: HelpCall, person: User, *, now: datetime) -> None:
    """Notifies the responder on the way that the call was taken back, by SMS too."""
    url = reverse("staff_help_call", args=[call.pk])
    key = f"help:{call.pk}:{call.key_of('taken_back:staff')}"
    outbox.queue_message(
        person, "help_taken_back", key=key, params=message_params(call), url=url, sms=True, now=now
    )


def tell_family(call: HelpCall, people: Iterable[User], template: str, *, key: str, now: datetime) -> None:
    """Notifies people of the family, by SMS too: they may be in another city with the phone in a pocket."""
    url = reverse("help_call", args=[call.pk])
    for person in people:
        outbox.queue_message(
            person,
            template,
            key=f"help:{call.pk}:{key}",
            params=message_params(call),
            url=url,
            sms=True,
            now=now,
        )


def tell_caller(call: HelpCall, template: str, *, key: str, by: User, now: datetime) -> None:
    """Notifies the resident and the person who called for them, except ``by``, who has just acted."""
    url = reverse("help_call", args=[call.pk])
    for person in {call.resident_id: call.resident, call.reported_by_id: call.reported_by}.values():
        if person.pk != by.pk:
            outbox.queue_message(
                person, template, key=f"help:{call.pk}:{key}", params=message_params(call), url=url, now=now
            )


def alarmed_family(call: HelpCall) -> list[User]:
    """Returns the people of the family who were notified that no one had answered."""
    steps = call.steps.filter(key__startswith="family:").select_related("told")
    return list({step.told.pk: step.told for step in steps if step.told is not None}.values())


def notify_open_pages(call: HelpCall) -> None:
    """Notifies open pages of the call, the board, and the home pages of all who see the call.

    Call it last in the transaction.
    """
    at_home = {call.resident_id, call.reported_by_id}
    if not call.is_drill:
        at_home |= {person.pk for person in family_of(call)}
    live.notify_open_pages(
        call.live_topic, board_topic(call.estate_id), *(f"resident:{person}" for person in at_home)
    )
