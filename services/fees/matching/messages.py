"""Messages to staff about a day whose statement differs."""

from datetime import datetime

from django.urls import reverse

from accounts.models import StaffRole, User
from community.notifications import outbox
from services.fees.models import MatchingDay, MatchingDifference
from services.fees.roles import CASHIERS


def tell_staff(day: MatchingDay, *, now: datetime) -> None:
    """Queues a message to the cashiers and managers of the estates whose lines differ, and to the managers of
    the account if a line is of nobody. Call it inside the transaction of the matching.
    """
    found = MatchingDifference.objects.open().filter(day=day)
    concerned = set(found.order_by().values_list("estate", flat=True))
    roles = StaffRole.objects.filter(estate__in=concerned - {None}, role__in=CASHIERS)
    if None in concerned:
        roles |= StaffRole.objects.filter(estate__in=day.estates(), role=StaffRole.Role.MANAGER)
    for person in User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"):
        outbox.queue_message(
            person,
            "statement_differs",
            key=f"matching_day:{day.pk}",
            params={"day": day.day.isoformat(), "count": found.visible_to(person).count()},
            url=reverse("matching_day", args=[day.pk]),
            now=now,
        )
