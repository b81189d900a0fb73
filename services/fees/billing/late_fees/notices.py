"""Tells households some days ahead that late fees begin for a bill."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from accounts.models import Residency
from community.core import clock
from community.estates.models import Estate
from community.notifications.outbox import Letter, queue_messages
from services.fees.billing.actions.charges import bill_path
from services.fees.billing.late_fees.days import rules_on
from services.fees.models import Bill, DunningRule, LateFeeDay, LateFeeRule
from services.fees.models.bills import PAYING
from services.fees.models.disputes import disputed

DAYS_AHEAD = 3
SIZE = 500


def announce_late_fees(*, now: datetime) -> int:
    """Tells of the bills of all estates whose late fees begin within three days; returns how many bills.

    A bill is told of once, also if this runs again; not in the quiet hours of its estate, which leaves it to
    the next day. A disputed bill waits until it is answered.
    """
    estates = Estate.objects.filter(pk__in=LateFeeRule.objects.values("estate")).order_by("pk")
    quiet = {rule.estate_id: rule for rule in DunningRule.objects.all()}
    at, told = clock.local(now).time(), 0
    for estate in estates:
        if estate.pk in quiet and quiet[estate.pk].is_quiet(at):
            continue
        begins = _begins(estate, clock.today(now))
        keys = sorted(begins)
        for start in range(0, len(keys), SIZE):
            queue_messages("late_fee_begins", _letters(keys[start : start + SIZE], begins), now=now)
        told += len(begins)
    return told


def _begins(estate: Estate, today: date) -> dict[int, tuple[date, int]]:
    """Returns the first day with a late fee and its rate (1/10,000 a day) by the key of the bill."""
    has_begun = LateFeeDay.objects.filter(bill=OuterRef("pk"))
    bills = Bill.objects.open().filter(~Exists(has_begun), ~disputed(), estate=estate)
    found: dict[int, tuple[date, int]] = {}
    for day in (today + timedelta(days=number) for number in range(DAYS_AHEAD + 1)):
        for (rate_bp, grace_days), items in rules_on(estate.pk, day).items():
            late = bills.filter(item__in=items, due_on__lt=day - timedelta(days=grace_days))
            for pk in late.values_list("pk", flat=True):
                found.setdefault(pk, (day, rate_bp))
    return found


def _letters(keys: Iterable[int], begins: Mapping[int, tuple[date, int]]) -> list[Letter]:
    """Returns the messages about these bills: to the person charged, else to who pays for the home."""
    bills = list(Bill.objects.filter(pk__in=list(keys)).select_related("item"))
    homes = {bill.home_id for bill in bills if not bill.charged_to_id}
    payers: dict[int, set[int]] = {}
    living = Residency.objects.active().filter(PAYING, home__in=homes).order_by("pk")
    for home, user in living.values_list("home", "user"):
        payers.setdefault(home, set()).add(user)
    return [
        Letter(user, f"bill:{bill.pk}:late_fee", _params(bill, *begins[bill.pk]), bill_path(bill))
        for bill in bills
        for user in ([bill.charged_to_id] if bill.charged_to_id else sorted(payers.get(bill.home_id, ())))
    ]


def _params(bill: Bill, day: date, rate_bp: int) -> dict[str, str]:
    what = bill.words or f"{bill.item.name} {bill.period:%Y-%m}"
    return {"what": what, "day": day.isoformat(), "rate": str(rate_bp)}
