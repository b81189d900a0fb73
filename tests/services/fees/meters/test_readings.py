"""Readings: what is taken, asked about and refused; meters that are replaced."""

from datetime import date

import pytest

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from services.fees.meters import actions
from services.fees.meters.computing import Flag
from services.fees.models import Meter, MeterReading
from tests.factories import make_cashier, make_home, make_meter, make_residency, make_resident, read_meter

pytestmark = pytest.mark.django_db
Status = MeterReading.Status


@pytest.fixture
def meter() -> Meter:
    """Ten units a month: 0 at first, 10 in February, 20 in March."""
    meter = make_meter()
    for month in (2, 3):
        read_meter(meter, date(2024, month, 1), 10 * (month - 1))
    return meter


@pytest.fixture
def cashier(meter: Meter) -> User:
    return make_cashier(estate=meter.estate)


def test_reading__ordinary__counts_at_once(meter: Meter, cashier: User) -> None:
    reading = read_meter(meter, date(2024, 4, 1), 31.5, by=cashier, sure=False)
    assert (reading.status, reading.flag, reading.by, reading.value_milli) == (
        "accepted",
        "",
        cashier,
        31_500,
    )


@pytest.mark.parametrize(("value", "flag"), [(19.999, Flag.LOWER), (51, Flag.HIGH)])
def test_reading__odd__is_asked_about_and_nothing_taken(meter: Meter, value: float, flag: str) -> None:
    with pytest.raises(actions.OddReading) as asked:
        read_meter(meter, date(2024, 4, 1), value, sure=False)
    assert (asked.value.flag, asked.value.field) == (flag, "value")
    assert meter.readings.count() == 3


def test_reading__far_above_but_confirmed__counts_and_says_why(meter: Meter) -> None:
    reading = read_meter(meter, date(2024, 4, 1), 90)
    assert (reading.status, reading.flag) == (Status.ACCEPTED, Flag.HIGH)


def test_reading__lower_but_confirmed__waits_for_the_office(meter: Meter) -> None:
    reading = read_meter(meter, date(2024, 4, 1), 5)
    assert (reading.status, reading.flag) == (Status.WAITING, Flag.LOWER)


def test_reading__rolled_over_and_confirmed__counts() -> None:
    meter = make_meter(first=99_980)
    read_meter(meter, date(2024, 2, 1), 99_995)
    reading = read_meter(meter, date(2024, 3, 1), 4)
    assert (reading.status, reading.flag) == (Status.ACCEPTED, Flag.ROLLED_OVER)


@pytest.mark.parametrize(
    ("on", "value", "code", "field"),
    [
        (date(2024, 2, 28), 21, "before_last", "on"),
        (date(2023, 12, 31), 21, "not_installed", "on"),
        (date(2099, 1, 1), 21, "in_the_future", "on"),
        (date(2024, 4, 1), 100_000, "too_many_digits", "value"),
    ],
)
def test_reading__that_cannot_be__is_refused_at_its_field(
    meter: Meter, on: date, value: float, code: str, field: str
) -> None:
    with pytest.raises(ActionError) as refused:
        read_meter(meter, on, value)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_reading__same_day_again__corrects_the_first(meter: Meter) -> None:
    read_meter(meter, date(2024, 4, 1), 30)
    read_meter(meter, date(2024, 4, 1), 32)
    counting = meter.readings.accepted().filter(on=date(2024, 4, 1))
    assert [one.value_milli for one in counting] == [32_000]


def test_reading__twice_the_same__is_one(meter: Meter) -> None:
    assert read_meter(meter, date(2024, 4, 1), 30) == read_meter(meter, date(2024, 4, 1), 30)


def test_reading__by_somebody_without_the_role__is_refused(meter: Meter) -> None:
    with pytest.raises(Forbidden):
        read_meter(meter, date(2024, 4, 1), 30, by=make_resident(home=meter.home))


def test_waiting__lower__confirmed_as_a_roll_over_or_refused_with_words(meter: Meter, cashier: User) -> None:
    reading = read_meter(meter, date(2024, 4, 1), 5)
    with pytest.raises(ActionError):
        actions.refuse_reading(reading=reading, reason=" ", by=cashier, now=clock.now())
    actions.refuse_reading(reading=reading, reason="看错了表", by=cashier, now=clock.now())
    again = read_meter(meter, date(2024, 4, 2), 6)
    actions.confirm_reading(reading=again, by=cashier, now=clock.now())
    actions.confirm_reading(reading=again, by=cashier, now=clock.now())
    reading.refresh_from_db()
    assert (reading.status, reading.decided_words) == (Status.REFUSED, "看错了表")
    assert (again.status, again.flag, again.decided_by) == (Status.ACCEPTED, Flag.ROLLED_OVER, cashier)


def test_waiting__of_the_own_home__is_left_to_a_colleague(meter: Meter) -> None:
    cashier = make_cashier(estate=meter.estate)
    neighbour = read_meter(meter, date(2024, 4, 1), 5)
    make_residency(user=cashier, home=meter.home)
    with pytest.raises(Forbidden):
        actions.confirm_reading(reading=neighbour, by=cashier, now=clock.now())


def test_replaced__in_mid_period__both_have_their_values(meter: Meter, cashier: User) -> None:
    replacement = actions.Replacement(
        old=meter, on=date(2024, 3, 15), final_milli=26_000, serial="NEW1", digits=6, first_milli=2_000
    )
    new = actions.replace_meter(replacement, by=cashier, now=clock.now())
    old = Meter.objects.get(pk=meter.pk)
    assert (old.removed_on, new.replaces, new.home) == (date(2024, 3, 15), old, old.home)
    assert [one.flag for one in old.readings.order_by("on")][-1] == Flag.FINAL
    assert [(one.flag, one.value_milli) for one in new.readings.all()] == [(Flag.FIRST, 2_000)]
    with pytest.raises(ActionError, match="removed"):
        read_meter(old, date(2024, 4, 1), 40)


def test_replaced__last_value_lower_than_the_reading__is_refused(meter: Meter, cashier: User) -> None:
    replacement = actions.Replacement(
        old=meter, on=date(2024, 3, 15), final_milli=19_000, serial="NEW1", digits=5, first_milli=0
    )
    with pytest.raises(ActionError) as refused:
        actions.replace_meter(replacement, by=cashier, now=clock.now())
    assert refused.value.field == "final"
    meter.refresh_from_db()
    assert meter.removed_on is None


def test_meter__number_used__is_refused(meter: Meter) -> None:
    with pytest.raises(ActionError) as refused:
        make_meter(home=meter.home, item=meter.item, serial=meter.serial)
    assert refused.value.field == "serial"


def test_meter__of_another_estates_home__is_refused(meter: Meter, cashier: User) -> None:
    with pytest.raises(ActionError) as refused:
        make_meter(home=make_home(), estate=meter.estate, item=meter.item, by=cashier)
    assert refused.value.field == "home"
