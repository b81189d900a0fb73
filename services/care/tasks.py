"""Periodic tasks of elderly care."""

from datetime import timedelta

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.care import actions
from services.care.models import CareBooking, CareDraft

DRAFTS_KEPT = timedelta(days=2)


@shared_task
def close_served_meals() -> int:
    """Finishes bookings without a carer, such as meals, after their time; returns how many.

    An error in one booking stops no other.
    """
    now = clock.now()
    return sweep_rows(
        CareBooking.objects.served(now).with_people()[:500],
        lambda booking: actions.close_served(booking=booking, now=now),
        failing="care: booking %s could not be closed",
    )


@shared_task
def forget_old_care_drafts() -> int:
    """Deletes drafts older than two days that were never booked; returns how many rows. Their places have
    lapsed.
    """
    return actions.delete_drafts(
        CareDraft.objects.filter(booking=None, created_at__lt=clock.now() - DRAFTS_KEPT)
    )
