"""Fees of the demo that not every home owes: parking by a list of spaces, a lift, and reductions of some homes."""

from datetime import datetime, timedelta
from random import Random

from accounts.models import Residency, User
from community.core import clock
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Home
from services.fees.billing.actions import make_bills, preview_run, start_run
from services.fees.billing.reductions.actions import Asked, agree_to_reduction, ask_reduction
from services.fees.models import FeeItem, FeeListing, FeeReach, Tariff

SPACES, SPARE = 36, 3
PARKING_HAO, LIFT_HAO = 1_500_000, 250_000  # 150 and 25 yuan a month
LIFT_HAO_NOW = 280_000
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
VACANT = (
    ("vacancy", 3000, "长期空置，已登记水表读数"),
    ("vacancy", 3000, "业主在外地，空置半年以上"),
    ("exemption", 10_000, "低保家庭，社区已开证明"),
    ("discount", 500, "一次交清全年"),
)


def make_fee_lists(places: tuple[Place, Place], society: Society, draw: Random, now: datetime) -> None:
    """Creates the items, lists and reductions of each estate, and this month's bills of parking and lift."""
    tried = {user.pk for user in society.by_key.values()}
    homes_tried = set(Residency.objects.filter(user__in=tried).values_list("home", flat=True))
    for place in places:
        cashier = society.of_role(place.estate, "cashier")[0]
        manager = society.of_role(place.estate, "manager")[0]
        homes = [home for home in place.homes if home.pk not in homes_tried]
        month = clock.today(now).replace(day=1)
        since = (month - timedelta(days=320)).replace(day=1)
        parking = _item(place, "停车费", "Parking", FeeItem.Kind.PARKING, FeeItem.Reach.LISTED)
        Tariff.objects.create(item=parking, from_on=since, rate_hao=PARKING_HAO)
        _list_spaces(parking, homes, cashier, draw, now)
        lift = _item(place, "电梯运行费", "Lift", FeeItem.Kind.OTHER, FeeItem.Reach.CHOSEN)
        Tariff.objects.create(item=lift, from_on=since, rate_hao=LIFT_HAO)
        # In the middle of the month that is billed: its bills have a line for each rate.
        Tariff.objects.create(item=lift, from_on=month.replace(day=16), rate_hao=LIFT_HAO_NOW)
        _reach_one_building(lift, homes, homes_tried)
        _reduce(place, homes, cashier, manager, draw, now)
        for item in (parking, lift):
            _bill(item, cashier, now)


def _item(place: Place, name: str, name_en: str, kind: str, reach: str) -> FeeItem:
    return FeeItem.objects.create(
        estate=place.estate, name=name, name_en=name_en, kind=kind, basis=FeeItem.Basis.HOME, reach=reach
    )


def _list_spaces(item: FeeItem, homes: list[Home], by: User, draw: Random, now: datetime) -> None:
    """Lists spaces, one of them let since the tenth of this month, and some that were given back."""
    month = clock.today(now).replace(day=1)
    chosen = draw.sample(homes, SPACES)
    FeeListing.objects.bulk_create(
        FeeListing(
            item=item,
            home=home,
            subject=f"B1-{number:03d}",
            plate=f"沪{draw.choice(LETTERS)}{draw.randrange(10_000, 99_999)}",
            from_on=month.replace(day=10) if not number else month - timedelta(days=draw.randrange(31, 300)),
            to_on=month - timedelta(days=draw.randrange(1, 30)) if SPACES - number <= SPARE else None,
            by=by,
            created_at=now - timedelta(days=SPACES - number),
        )
        for number, home in enumerate(chosen)
    )


def _reach_one_building(item: FeeItem, homes: list[Home], homes_tried: set[int]) -> None:
    """Lets the homes from the third floor up of one building owe the item, none of them of a person to be tried."""
    taken = set(Home.objects.filter(pk__in=homes_tried).values_list("entrance__building", flat=True))
    buildings = (home.entrance.building for home in homes if home.entrance.building_id not in taken)
    building = next(building for building in buildings if building.has_lift)
    FeeReach.objects.create(item=item, building=building, from_floor=3)


def _reduce(
    place: Place, homes: list[Home], cashier: User, manager: User, draw: Random, now: datetime
) -> None:
    """Reduces the property fee of some homes; the last one waits for the manager's yes."""
    fee = FeeItem.objects.get(estate=place.estate, kind=FeeItem.Kind.PROPERTY)
    first = (clock.today(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    for number, (home, (why, off, reason)) in enumerate(
        zip(draw.sample(homes, len(VACANT)), VACANT, strict=True), start=1
    ):
        asked = ask_reduction(
            Asked(fee, home, why, off, first, first + timedelta(days=364), reason),
            by=cashier,
            now=now - timedelta(days=9, hours=number),
        )
        if number < len(VACANT):
            agree_to_reduction(reduction=asked, by=manager, now=now - timedelta(days=8, hours=number))


def _bill(item: FeeItem, by: User, now: datetime) -> None:
    run = preview_run(item=item, period=clock.today(now), by=by, now=now)
    start_run(run=run, by=by, now=now)
    make_bills(run=run)
