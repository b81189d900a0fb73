"""The demo's care: elders with family, carers, providers, a week behind and one ahead."""

from datetime import timedelta
from itertools import pairwise

from django.db.models import Count, F, Q

from accounts.models import Delegation, User
from community.core import clock
from services.care import times
from services.care.models import CareBooking, Carer, CareService, Menu, Provider
from services.care.weeks import visits_of
from services.fees.models import Bill
from services.scheduling.models import Slot
from tests.support.books import assert_in_balance

Status = CareBooking.Status


def person(phone: str) -> User:
    return User.objects.with_phone(f"+86{phone}").get()


def test_care__what_was_promised__is_there_and_the_books_agree(demo: None) -> None:
    assert (Provider.objects.count(), Carer.objects.count()) == (3, 6)
    assert set(CareService.objects.values_list("kind", flat=True)) == set(CareService.Kind.values)
    elders = User.objects.filter(carebookings__isnull=False).distinct()
    care = Delegation.objects.active().filter(service="care")
    assert elders.count() == care.values("resident").distinct().count() == 12
    states = set(CareBooking.objects.values_list("status", flat=True))
    assert states >= {Status.BOOKED, Status.DONE, Status.CANCELLED, Status.MISSED}
    done = CareBooking.objects.filter(status=Status.DONE)
    assert not done.filter(price_fen__gt=0, bill=None).exists()
    assert Bill.objects.filter(item__kind="care").count() == done.exclude(price_fen=0).count() > 20
    assert done.filter(satisfaction__isnull=False).count() > 10
    assert_in_balance()


def test_care__slots__count_what_is_booked__and_reach_four_weeks(demo: None) -> None:
    live = Count("places", filter=Q(places__status__in=["held", "booked"]))
    assert not Slot.objects.annotate(live=live).exclude(taken=F("live")).exists()
    last = Slot.objects.order_by("-starts_at").first()
    assert last is not None
    assert (clock.today(last.starts_at) - clock.today(clock.now())).days == 28


def test_care__nobody_is_in_two_places_at_once(demo: None) -> None:
    for who in ("carer", "resident"):
        rows = CareBooking.objects.exclude(status=Status.CANCELLED).filter(**{f"{who}__isnull": False})
        spans = sorted(rows.values_list(who, "place__slot__starts_at", "place__slot__ends_at"))
        for (one, _start, end), (other, start, _end) in pairwise(spans):
            assert one != other or end <= start


def test_care__of_those_who_can_be_tried(demo: None) -> None:
    now = clock.now()
    elder, carer = person("13900010001"), person("13900020008")
    ahead = CareBooking.objects.filter(resident=elder, place__slot__starts_at__gt=now)
    assert [one.service.kind for one in ahead] == ["bathing"]
    assert CareBooking.objects.filter(resident=elder, status=Status.DONE, satisfaction__face=3).exists()
    meal = times.tomorrows_meal(list(CareService.objects.offered()), elder, now)
    assert meal is not None
    assert meal[0].name == "午餐"
    menus = Menu.objects.filter(service=meal[0]).from_day(clock.today(now), 7)
    assert len(menus) == 7
    assert len({menu.picture.key for menu in menus[:5]}) == 5
    today = visits_of(carer, clock.today(now), 1)
    assert len(today) >= 3
    assert today[-1].status == Status.BOOKED
    assert all(one.created_at <= now + timedelta(seconds=1) for one in CareBooking.objects.all())
