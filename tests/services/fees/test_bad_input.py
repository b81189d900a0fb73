"""What no person types, and programs do: nothing of it breaks a page."""

from typing import Any

import pytest
from django.test import Client

from community.estates.models import Home
from tests.factories import make_bill, make_cashier, make_home, make_payment, make_resident
from tests.services.fees.test_api import Program

pytestmark = pytest.mark.django_db
HUGE = "9" * 5000
ODD = [
    "",
    "0",
    "-1",
    "9" * 30,
    "9" * 4000,
    HUGE,
    "①",
    "٣",
    "1.5",
    "\x00",
    "9999-12-31",
    "0001-01-01",
    "0-" + "9" * 4000,
]


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def cashier(home: Home) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(make_cashier(estate=home.estate))
    return client


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/staff/fees/", ["estate"]),
        ("/staff/fees/takings/", ["day", "before", "estate"]),
        ("/staff/fees/takings.xlsx", ["day"]),
        ("/staff/fees/arrears/", ["building", "months", "after"]),
        ("/staff/fees/arrears.xlsx", ["building", "months"]),
        ("/staff/fees/bills/", ["run", "before"]),
        ("/staff/fees/runs/", ["before"]),
        ("/staff/fees/items/", ["estate"]),
    ],
)
def test_lists_of_staff__with_anything_in_the_address__are_shown_or_not_found(
    path: str, names: list[str], cashier: Client
) -> None:
    for name in names:
        for odd in ODD:
            assert cashier.get(path, {name: odd}).status_code in {200, 404}, (name, odd[:20])


def test_takings__of_a_far_day__are_those_of_today(home: Home, cashier: Client) -> None:
    make_payment(bills=[make_bill(home=home)], paid=True)
    for day in ("9999-12-31", "0001-01-01", "1999-12-31"):
        assert "231.48" in cashier.get("/staff/fees/takings/", {"day": day}).content.decode()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/fees/", ["for", "home"]),
        ("/fees/pay/", ["for", "bill", "home"]),
        ("/fees/history/", ["for", "before"]),
        ("/fees/paid/", ["for", "before"]),
    ],
)
def test_pages_of_residents__with_anything_in_the_address__are_shown_or_not_found(
    path: str, names: list[str], home: Home
) -> None:
    client = Client()
    client.force_login(make_resident(home=home))
    for name in names:
        for odd in ODD:
            assert client.get(path, {name: odd}).status_code in {200, 404, 422}, (name, odd[:20])


@pytest.mark.parametrize(
    "path", ["/fees/sandbox/{}/", "/fees/{}/", "/fees/payments/{}/", "/staff/fees/runs/{}/"]
)
def test_addresses__that_nobody_gave_out__are_not_found(path: str, home: Home, cashier: Client) -> None:
    for odd in ("9" * 30, HUGE, "%00", "1-%00", "9999999999-P-1"):
        assert cashier.get(path.format(odd)).status_code == 404, odd[:20]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"bills": [10**30]}, "bills"),
        ({"bills": [2**63]}, "bills"),
        ({"bills": [2**63 - 1]}, "bills"),
        ({"payer": 10**30}, "payer"),
        ({"amounts": {"9" * 30: 5}}, "amounts"),
        ({"amounts": {"9" * 18: 5}}, "bills"),
        ({"channel": "\x00"}, "channel"),
    ],
)
def test_api__numbers_beyond_any_key__are_named(given: dict[str, Any], field: str, home: Home) -> None:
    bill = make_bill(home=home)
    answer = Program(make_resident(home=home)).post("payments/", **({"bills": [bill.pk]} | given))
    assert answer.status_code in {400, 409}
    assert field in answer.json()["errors"]


def test_api__amount_beyond_any_sum__is_named(home: Home) -> None:
    bill = make_bill(home=home)
    answer = Program(make_resident(home=home)).post(
        "payments/", bills=[bill.pk], amounts={str(bill.pk): 10**30}
    )
    assert "amounts" in answer.json()["errors"]


def test_api__lists_and_rows__with_anything__answer(home: Home) -> None:
    program = Program(make_resident(home=home))
    for odd in ODD:
        for path in (f"bills/?status={odd}", f"bills/?cursor={odd}", f"payments/?cursor={odd}"):
            assert program.get(path.replace("\x00", "%00")).status_code in {200, 400, 404}, path[:40]
    for path in (f"bills/{HUGE}/", f"payments/{'9' * 30}/"):
        assert program.get(path).status_code == 404
