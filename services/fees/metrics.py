"""How long money on its way waits, and how many days of providers are not compared yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min

from community.core import clock
from community.core.services import Metric
from services.fees.models import MatchingDay, Payment, Refund


def waiting(now: datetime) -> Iterator[Metric]:
    """Yields payments and refunds that wait at a provider, and the age of the oldest statement not matched."""
    open_payments = Payment.objects.filter(status=Payment.Status.PENDING)
    open_refunds = Refund.objects.filter(status=Refund.Status.PENDING)
    numbers = [({"kind": "payment"}, open_payments.count()), ({"kind": "refund"}, open_refunds.count())]
    yield Metric("linli_money_waiting", "Payments and refunds whose end is not known yet", numbers)
    first = (
        MatchingDay.objects.exclude(merchant=None)
        .filter(status__in=(MatchingDay.Status.WAITING, MatchingDay.Status.STORED))
        .aggregate(day=Min("day"))["day"]
    )
    days = (clock.today(now - timedelta(days=1)) - first).days if first else 0
    yield Metric(
        "linli_matching_late_days", "Days by which the oldest statement not matched is late", [({}, days)]
    )
