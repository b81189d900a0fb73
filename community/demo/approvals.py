"""Acts by two of the demo: roles and a rate that wait for a second person, and some that were answered."""

from datetime import datetime, timedelta

from accounts import actions
from accounts.models import User
from community.core import clock
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate
from services.fees.billing.actions import ask_tariff
from services.fees.models import FeeItem

# 0.10 yuan more.
RISE_HAO = 1_000
MONTHS_AHEAD = 3


def ask_for_two(places: tuple[Place, Place], society: Society, now: datetime) -> None:
    """Asks for a rate in each estate, and for a stand-in at the desk, who was agreed to in the second."""
    for number, place in enumerate(places):
        estate = place.estate
        cashier = society.of_role(estate, "cashier")[0]
        manager = society.of_role(estate, "manager")[0]
        _ask_for_rate(estate, cashier, now)
        _ask_for_stand_in(
            estate, cashier, by=manager, now=now, second=society.by_key["security"] if number else None
        )


def _ask_for_rate(estate: Estate, by: User, now: datetime) -> None:
    item = FeeItem.objects.filter(estate=estate, kind=FeeItem.Kind.PROPERTY).order_by("pk").first()
    if item is None:
        return
    month = clock.today(now).replace(day=1)
    for _month in range(MONTHS_AHEAD):
        month = (month + timedelta(days=32)).replace(day=1)
    before = item.tariff_for(month)
    rate_hao = (before.rate_hao if before else 0) + RISE_HAO
    ask_tariff(item=item, from_on=month, rate_hao=rate_hao, by=by, now=now - timedelta(hours=3))


def _ask_for_stand_in(estate: Estate, person: User, *, by: User, now: datetime, second: User | None) -> None:
    asked_at = now - timedelta(days=2)
    first = clock.today(now) + timedelta(days=7)
    new = actions.NewRole(person, estate, "front_desk", first, first + timedelta(days=13))
    asked = actions.ask_role(new, by=by, now=asked_at)
    if second is not None and asked is not None:
        actions.agree_to_approval(approval=asked, by=second, now=asked_at + timedelta(hours=1))
