"""Enters the holidays and make-up days of a year."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from community.core import audit
from community.estates.holiday_announcement import ProposedDay
from community.estates.models import CalendarDay, Estate


@transaction.atomic
def enter_days(*, estate: Estate | None, days: Sequence[ProposedDay], by: User) -> int:
    """Stores these days for an estate, or for all estates (None), correcting existing ones; returns how many."""
    for one in days:
        CalendarDay.objects.update_or_create(
            estate=estate,
            date=one.day,
            defaults={"name": one.name, "is_working": one.is_working, "hours_of": one.hours_of},
        )
    audit.record("calendar.year_entered", by=by, estate_id=estate.pk if estate else None, days=len(days))
    return len(days)
