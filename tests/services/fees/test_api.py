"""Fees for programs: bills, beginning a payment, paying back; the same rules as on the pages."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees.models import Bill, Payment
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_home,
    make_payment,
    make_residency,
    make_resident,
    make_token,
    make_user,
)
from tests.support.paying import take_payment

pytestmark = pytest.mark.django_db


class Program:
    """A program with a token of a person."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.headers = make_token(user, *(scopes or ("fees:read", "fees:write")))
        self.client = Client()

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.headers)

    def post(self, path: str, **given: Any) -> Any:
        return self.client.post(
            f"/api/v1/{path}", given, content_type="application/json", headers=self.headers
        )


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def resident(home: Home) -> User:
    return make_resident(home=home)


@pytest.fixture
def program(resident: User) -> Program:
    return Program(resident)


def test_bills__ones_own_only__with_the_sum(home: Home, program: Program) -> None:
    bill = make_bill(home=home)
    foreign = make_bill()
    found = program.get("bills/").json()["results"]
    assert [one["id"] for one in found] == [bill.pk]
    assert found[0]["unpaid_fen"] == 23148
    assert "98.50" in found[0]["computation"]
    assert program.get(f"bills/{bill.pk}/").json()["reference"] == bill.reference
    assert program.get(f"bills/{foreign.pk}/").status_code == 404


def test_bills__by_state__an_unknown_one_is_named(home: Home, program: Program, resident: User) -> None:
    make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    still = make_bill(home=home)
    assert [one["id"] for one in program.get("bills/?status=open").json()["results"]] == [still.pk]
    assert "status" in program.get("bills/?status=lost").json()["errors"]


def test_pay__begun_once_by_its_key__and_where_to_go(home: Home, program: Program) -> None:
    bill, key = make_bill(home=home), str(uuid4())
    first = program.post("payments/", bills=[bill.pk], key=key)
    assert first.status_code == 201
    assert first.json()["status"] == "pending"
    assert first.json()["pay_url"].endswith("/go/")
    assert program.post("payments/", bills=[bill.pk], key=key).json()["id"] == first.json()["id"]
    assert Payment.objects.count() == 1
    assert program.get("payments/").json()["results"][0]["id"] == first.json()["id"]
    assert program.get(f"payments/{first.json()['id']}/").json()["lines"][0]["bill"] == bill.pk


def test_pay__in_part(home: Home, program: Program) -> None:
    bill = make_bill(home=home)
    answer = program.post("payments/", bills=[bill.pk], amounts={str(bill.pk): 10000})
    assert answer.json()["amount_fen"] == 10000


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"bills": []}, "bills"),
        ({"bills": ["x"]}, "bills"),
        ({}, "bills"),
        ({"bills": [999999]}, "bills"),
        ({"amounts": {"1": 0}}, "amounts"),
        ({"amounts": {"one": 5}}, "amounts"),
        ({"amounts": {"1": "lots"}}, "amounts"),
        ({"payer": 999999}, "payer"),
        ({"channel": "gold"}, "channel"),
        ({"key": "none"}, "key"),
    ],
)
def test_pay__bad_input__named_and_nothing_begun(
    given: dict[str, Any], field: str, home: Home, program: Program
) -> None:
    bill = make_bill(home=home)
    asked = {"bills": [bill.pk]} | given if given else {}
    answer = program.post("payments/", **asked)
    assert answer.status_code in {400, 409}
    assert field in answer.json()["errors"]
    assert not Payment.objects.exists()


def test_pay__more_than_is_owed__named(home: Home, program: Program) -> None:
    bill = make_bill(home=home)
    answer = program.post("payments/", bills=[bill.pk], amounts={str(bill.pk): 23149})
    assert "amounts" in answer.json()["errors"]
    assert not Payment.objects.exists()


def test_pay__anothers_bill__named_and_nothing_begun(program: Program) -> None:
    answer = program.post("payments/", bills=[make_bill().pk])
    assert "bills" in answer.json()["errors"]
    assert not Payment.objects.exists()


def test_pay__amounts_of_another_home__named_and_nothing_begun(
    home: Home, resident: User, program: Program
) -> None:
    bill, other = make_bill(home=home), make_bill()
    make_residency(user=resident, home=other.home)
    mothers = make_bill()
    make_delegation(resident=make_resident(home=mothers.home), delegate=resident, service="fees")
    for strange in (other, mothers):
        answer = program.post("payments/", bills=[bill.pk], amounts={str(bill.pk): 100, str(strange.pk): 100})
        assert answer.status_code == 409
        assert "bills" in answer.json()["errors"]
    assert not Payment.objects.exists()


def test_pay__for_the_mother__only_with_her_delegation(home: Home, resident: User) -> None:
    bill, son = make_bill(home=home), make_user()
    program = Program(son)
    refused = program.post("payments/", bills=[bill.pk], payer=resident.pk)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["payer"])
    make_delegation(resident=resident, delegate=son, service="fees")
    assert program.post("payments/", bills=[bill.pk], payer=resident.pk).status_code == 201
    assert Payment.objects.get().payer == resident


def test_pay_back__in_time__bills_are_open_again(home: Home, program: Program, resident: User) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    answer = program.post(f"payments/{payment.pk}/pay-back/")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["refund"]["status"]) == ("refunded", "pending")
    assert Bill.objects.open().count() == 1


def test_pay_back__too_late__refused(home: Home, program: Program, resident: User) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    Payment.objects.update(paid_at=clock.now() - timedelta(minutes=11))
    answer = program.post(f"payments/{payment.pk}/pay-back/")
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_late")


def test_pay_back__by_the_cashier_without_a_reason__named(home: Home) -> None:
    payment = make_payment(bills=[make_bill(home=home)], paid=True)
    answer = Program(make_cashier(estate=home.estate)).post(f"payments/{payment.pk}/pay-back/")
    assert "reason" in answer.json()["errors"]


def test_scopes__reading_does_not_write(home: Home, resident: User) -> None:
    program = Program(resident, "fees:read")
    assert program.get("bills/").status_code == 200
    assert program.post("payments/", bills=[make_bill(home=home).pk]).status_code == 403
    assert Program(resident, "repairs:read").get("bills/").status_code == 403


def test_homes__say_what_is_owed_and_paid_ahead_and_who_pays(home: Home) -> None:
    owner = make_resident(home=home)
    make_bill(home=home, amount_fen=5000)
    take_payment(home, {}, extra_fen=7000)
    (said,) = Program(owner).get("fees/homes/").json()
    assert said == {
        "home": home.pk,
        "home_text": str(home),
        "paid_by": "resident",
        "owed_fen": 5000,
        "late_fen": 0,
        "prepaid_fen": 7000,
        "prepaid_usable_fen": 5000,
    }
    tenant = make_resident(home=home, kind="tenant")
    (said,) = Program(tenant).get("fees/homes/").json()
    assert (said["paid_by"], said["owed_fen"], said["prepaid_fen"]) == ("owner", 0, 0)
