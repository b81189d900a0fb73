"""A year's statement: opening balance and movements add up to the closing balance, for everybody who may read it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse

from accounts.models import User
from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Home
from services.fees import actions
from services.fees.billing import actions as billing
from services.fees.books import statements
from services.fees.books.statements import Statement
from services.fees.models import Account, Bill, Entry, Payment
from tests.community.admin_pages import signed_in
from tests.factories import make_bill, make_cashier, make_home, make_item, make_payment, make_resident

pytestmark = pytest.mark.django_db


def the_year() -> Span:
    today = clock.today(clock.now())
    return Span(today.replace(month=1, day=1), today)


@pytest.fixture
def home() -> Home:
    """Bills of last year and this one, open, paid, voided; a payment paid back; a prepayment, used in part."""
    home = make_home()
    payer, cashier = make_resident(home=home), make_cashier(estate=home.estate)
    year = the_year().first
    item = make_item(estate=home.estate)
    for month in (11, 12):
        make_bill(
            home=home,
            item=item,
            period=date(year.year - 1, month, 1),
            now=clock.midnight(year) - timedelta(days=40),
        )
    bills = [make_bill(home=home, item=item, period=date(2025, month, 1)) for month in range(1, 6)]
    taken = actions.CounterPayment(home, {bills[0].pk: 10000}, payer, "", uuid4())
    actions.take_payment(taken, extra_fen=50000, by=cashier, now=clock.now())
    make_payment(bills=[bills[1]], payer=payer, channel=Payment.PREPAYMENT)
    back = make_payment(bills=[bills[2]], payer=payer, paid=True)
    actions.request_refund(payment=back, by=cashier, reason="付错了", now=clock.now())
    billing.void_bill(bill=bills[3], reason="算错了", by=cashier, now=clock.now())
    return home


def check(statement: Statement) -> None:
    owed, held = statement.opening
    assert owed + statement.billed_fen - statement.paid_fen == statement.closing[0]
    assert held + statement.put_in_fen - statement.taken_out_fen == statement.closing[1]


def balance(home: Home, kind: str) -> int:
    entries = Entry.objects.filter(account__home=home, account__kind=kind)
    return sum(entries.values_list("amount_fen", flat=True))


def test_statement__for_staff__adds_up_to_the_books(home: Home) -> None:
    made = statements.statement_for_staff(home, the_year())
    check(made)
    assert made.opening == (2 * 23148, 0)
    assert made.closing == (
        balance(home, Account.Kind.RECEIVABLE),
        -balance(home, Account.Kind.PREPAYMENT),
    )
    assert made.closing[0] == sum(bill.unpaid_fen for bill in Bill.objects.filter(home=home))
    assert made.billed_fen == 4 * 23148


def test_statement__for_a_resident__has_what_they_may_see_and_adds_up(home: Home) -> None:
    owner = User.objects.get(residencies__home=home)
    visitor = make_resident(home=home, kind="tenant")
    own = make_bill(home=home, charged_to=visitor, amount_fen=4500, words="助浴")
    bills = Bill.objects.of_resident(owner)
    made = statements.statement_for(owner, home, bills, the_year())
    check(made)
    assert made.closing[0] == sum(bill.unpaid_fen for bill in bills)
    theirs = statements.statement_for(visitor, home, Bill.objects.of_resident(visitor), the_year())
    check(theirs)
    assert theirs.closing[0] - made.closing[0] != own.amount_fen or theirs.rows != made.rows
    assert all("助浴" not in row.what for row in made.rows)


def test_statement__of_a_year_without_anything__begins_and_ends_alike(home: Home) -> None:
    made = statements.statement_for_staff(home, Span(date(2019, 1, 1), date(2019, 12, 31)))
    assert (made.rows, made.opening, made.closing) == ([], (0, 0), (0, 0))


def test_pages__resident_and_staff__show_it_and_give_the_pdf(home: Home) -> None:
    resident, cashier = (
        signed_in(User.objects.get(residencies__home=home)),
        signed_in(make_cashier(estate=home.estate)),
    )
    assert resident.get("/fees/statement/", {"year": "x"}).status_code == 200
    assert is_pdf(resident.get("/fees/statement.pdf"))
    page = cashier.get(f"/staff/fees/homes/{home.pk}/statement/")
    made = page.context["statement"]
    assert f"{made.closing[0] / 100:.2f}" in page.content.decode()
    assert is_pdf(cashier.get(f"/staff/fees/homes/{home.pk}/statement.pdf"))
    assert resident.get(f"/staff/fees/homes/{home.pk}/statement.pdf").status_code == 403


def is_pdf(answer: HttpResponse) -> bool:
    return answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")


def test_statement__more_rows__no_more_queries(home: Home, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        assert len(statements.statement_for_staff(home, the_year()).rows) > 8
