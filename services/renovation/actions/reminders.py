"""Reminders of tomorrow's appointments, and messages about opened booking."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Delegation, Residency, User
from community.core import changes
from community.core.sweeps import sweep_rows
from community.notifications import live, outbox
from services.renovation import KEY
from services.renovation.actions.steps import tell_household
from services.renovation.models import Appointment, Campaign, Participation, RenovationProject

BATCH = 500


def remind_due(now: datetime) -> int:
    """Reminds each household once within the day before its appointment; returns how many.

    An error in one reminder stops no other.
    """
    due = Appointment.objects.to_remind(now).with_people()[:BATCH]
    return sweep_rows(
        due,
        lambda appointment: _remind(appointment, now),
        failing="renovation: nobody could be reminded of appointment %s",
    )


def _remind(appointment: Appointment, now: datetime) -> bool:
    """Returns False if the appointment was moved, cancelled or reminded of meanwhile."""
    with transaction.atomic():
        due = Appointment.objects.to_remind(now).filter(pk=appointment.pk).values("pk")
        with changes.covering(Appointment):
            is_due = Appointment.objects.filter(pk__in=due, reminded_at=None).update(reminded_at=now)
        if not is_due:
            return False
        key = f"appointment:{appointment.pk}:reminder:{appointment.starts_at:%Y%m%d%H%M}"
        tell_household(appointment, "appointment_reminder", key=key, sms=True, now=now, by=None)
    return True


def tell_of_campaigns(now: datetime) -> int:
    """Tells the households of a building that they can book now; returns how many campaigns began."""
    begun = Campaign.objects.begun(now).filter(told_at=None, project__status__in=RenovationProject.BOOKABLE)
    return sweep_rows(
        begun.select_related("project", "item", "building")[:BATCH],
        lambda campaign: _tell_of_campaign(campaign, now),
        failing="renovation: nobody could be told of campaign %s",
    )


def _tell_of_campaign(campaign: Campaign, now: datetime) -> bool:
    with transaction.atomic():
        if not Campaign.objects.filter(pk=campaign.pk, told_at=None).update(told_at=now):
            return False
        for person, home_pk in _households(campaign):
            outbox.queue_message(
                person,
                "renovation_booking_open",
                key=f"campaign:{campaign.pk}",
                params={"what": campaign.item.name, "building": campaign.building.name},
                url=reverse("renovation_home", args=[campaign.project_id, home_pk]),
                now=now,
            )
        live.notify_open_pages(campaign.project.live_topic)
    return True


def _households(campaign: Campaign) -> list[tuple[User, int]]:
    """Returns the people to tell, each with a home that may book.

    These are residents of the building whose home has not declined and has no time yet, and their delegates.
    """
    living = Residency.objects.active().filter(home__entrance__building=campaign.building_id)
    refused = Participation.objects.filter(project=campaign.project_id, answer=Participation.Answer.NO)
    booked = Appointment.objects.live().filter(item=campaign.item_id)
    rows = living.exclude(home__in=refused.values("home")).exclude(home__in=booked.values("home"))
    people = [(row.user, row.home_id) for row in rows.select_related("user")]
    homes = {user.pk: home_pk for user, home_pk in people}
    acting = Delegation.objects.active().filter(resident__in=homes, service=KEY)
    return people + [(row.delegate, homes[row.resident_id]) for row in acting.select_related("delegate")]
