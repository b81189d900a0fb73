"""A payment booked to the wrong home is moved by one act; both homes keep their history and are told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.notifications.models import OutboxMessage
from services.fees import actions, receipts, takings
from services.fees.models import Payment
from tests.factories import make_bill, make_cashier, make_home, make_payment, make_residency, make_resident
from tests.support.books import assert_in_balance
from tests.support.paying import begin, give_back, held, move_payment, take_payment

pytestmark = pytest.mark.django_db


class Wrong:
    """250 yuan of the second home, booked to the first: its bill of 200 yuan, and 50 yuan ahead."""

    def __init__(self) -> None:
        self.bill = make_bill(amount_fen=20000)
        self.home = self.bill.home
        self.right = make_home(estate=self.home.estate)
        self.old, self.new = (make_bill(home=self.right, amount_fen=15000) for _n in range(2))
        self.here, self.there = make_resident(home=self.home), make_resident(home=self.right)
        self.cashier = make_cashier(estate=self.home.estate)
        self.payment = take_payment(self.home, {self.bill.pk: 20000}, extra_fen=5000, payer=self.here)

    def move(self, **overrides: Any) -> Payment:
        given = {"by": self.cashier, "bills": [self.old, self.new], "payer": self.there, "payer_name": ""}
        moved = move_payment(self.payment, overrides.pop("to", self.right), **(given | overrides))
        for row in (self.payment, self.bill, self.old, self.new):
            row.refresh_from_db()
        return moved


@pytest.fixture
def wrong() -> Wrong:
    return Wrong()


def test_move__first_bills_open_and_the_right_ones_are_paid_the_oldest_first(wrong: Wrong) -> None:
    moved = wrong.move()
    assert (wrong.payment.status, wrong.bill.status, held(wrong.home)) == ("moved", "open", 0)
    assert (wrong.old.status, wrong.new.paid_fen, held(wrong.right)) == ("settled", 10000, 0)
    assert (moved.payer, moved.amount_fen, moved.moved_from) == (wrong.there, 25000, wrong.payment)
    assert [step.to_status for step in wrong.payment.history.all()] == ["pending", "paid", "moved"]
    assert wrong.payment.history.last().reason == "房号记错"
    today = clock.today(clock.now())
    day = takings.takings(wrong.home.estate, today)
    assert (day.fen, day.refunded_fen) == (25000, 0)
    assert_in_balance()


def test_move__without_bills__all_of_it_is_prepayment_of_the_right_home(wrong: Wrong) -> None:
    wrong.move(bills=[])
    assert (held(wrong.right), wrong.old.paid_fen) == (25000, 0)
    assert_in_balance()


def test_move__both_homes_are_told_and_neither_address_is(wrong: Wrong) -> None:
    moved = wrong.move()
    told = {
        (message.template, message.recipient_id): message
        for message in OutboxMessage.objects.filter(template__startswith="payment_moved", channel="inbox")
    }
    assert set(told) == {("payment_moved_away", wrong.here.pk), ("payment_moved_here", wrong.there.pk)}
    assert str(wrong.right) not in str([message.params for message in told.values()])
    page = signed_in(wrong.here).get(f"/fees/payments/{wrong.payment.pk}/").content.decode()
    assert "已转到其他房屋" in page
    assert str(wrong.right) not in page
    assert "待缴" in signed_in(wrong.here).get("/fees/").content.decode()
    assert wrong.payment.reference in receipts.receipt_of(moved).note
    assert receipts.receipt_of(wrong.payment).is_moved
    assert receipts.receipt_pdf(moved).startswith(b"%PDF")


def test_move__twice__is_one_and_to_a_third_home_refused(wrong: Wrong) -> None:
    moved = wrong.move()
    assert wrong.move() == moved
    with pytest.raises(ActionError) as refused:
        wrong.move(to=make_home(estate=wrong.home.estate), bills=[])
    assert (refused.value.code, Payment.objects.filter(moved_from=wrong.payment).count()) == (
        "payment_moved",
        1,
    )
    assert_in_balance()


BAD_MOVES: list[tuple[str, Callable[[Wrong], dict[str, Any]]]] = [
    ("same_home", lambda wrong: {"to": wrong.home, "bills": []}),
    ("not_of_estate", lambda wrong: {"to": make_home(), "bills": []}),
    ("not_your_bill", lambda wrong: {"bills": [wrong.bill]}),
    ("reason_missing", lambda wrong: {"reason": " "}),
    ("payer_missing", lambda wrong: {"payer": None, "payer_name": " "}),
    ("too_long", lambda wrong: {"payer": None, "payer_name": "长" * 41}),
]


def test_move__bad_input__refused_and_nothing_moves(wrong: Wrong) -> None:
    for code, given in BAD_MOVES:
        with pytest.raises(ActionError) as refused:
            wrong.move(**given(wrong))
        wrong.payment.refresh_from_db()
        assert (refused.value.code, wrong.payment.status, wrong.payment.back_fen) == (code, "paid", 0)


def test_move__by_who_lives_in_either_home__forbidden(wrong: Wrong) -> None:
    for home in (wrong.home, wrong.right):
        cashier = make_cashier(estate=wrong.home.estate)
        make_residency(user=cashier, home=home)
        with pytest.raises(Forbidden):
            wrong.move(by=cashier)


def test_move__prepayment_that_was_used_since__refused(wrong: Wrong) -> None:
    begin([make_bill(home=wrong.home, amount_fen=5000)], wrong.here, channel=Payment.PREPAYMENT)
    with pytest.raises(ActionError) as refused:
        wrong.move()
    assert refused.value.code == "prepayment_used"
    assert_in_balance()


def test_move__after_a_part_went_back__moves_the_rest_and_can_go_back_there(wrong: Wrong) -> None:
    give_back(wrong.payment, asks=wrong.cashier, lines={wrong.payment.lines.get().pk: 5000})
    wrong.payment.refresh_from_db()
    moved = wrong.move()
    assert (moved.amount_fen, wrong.payment.left_fen, wrong.old.paid_fen) == (20000, 0, 15000)
    refund = give_back(moved, asks=wrong.cashier)
    moved.refresh_from_db()
    assert (refund.channel, refund.status, moved.status) == ("cash", "done", "refunded")
    assert_in_balance()


def test_move__paid_by_phone__keeps_its_payer_and_goes_back_to_the_provider() -> None:
    bill = make_bill()
    payment = make_payment(bills=[bill], paid=True)
    right, cashier = make_home(estate=bill.estate), make_cashier(estate=bill.estate)
    moved = move_payment(payment, right, by=cashier)
    assert (moved.payer, held(right)) == (payment.payer, bill.amount_fen)
    refund = give_back(moved, asks=cashier)
    assert (refund.channel, refund.status) == ("sandbox", "pending")
    assert_in_balance()


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_pages__found_chosen_confirmed_and_moved(wrong: Wrong) -> None:
    client, page = signed_in(wrong.cashier), f"/staff/fees/payments/{wrong.payment.pk}/move/"
    found = client.post(page, {"words": str(wrong.right)}).content.decode()
    assert f"?home={wrong.right.pk}" in found
    assert f"tick_{wrong.old.pk}" in client.get(f"{page}?home={wrong.right.pk}").content.decode()
    typed = {
        "home": wrong.right.pk,
        f"tick_{wrong.old.pk}": "on",
        "payer": wrong.there.pk,
        "reason": "房号记错",
    }
    refused = client.post(page, typed | {"reason": ""})
    assert (refused.status_code, "请写明原因" in refused.content.decode()) == (422, True)
    assert "¥100.00" in client.post(page, typed).content.decode()
    assert Payment.objects.count() == 1
    answer = client.post(page, typed | {"yes": "1"})
    moved = Payment.objects.get(moved_from=wrong.payment)
    assert answer["Location"] == f"/staff/fees/payments/{moved.pk}/"
    assert (moved.lines.get().bill, held(wrong.right)) == (wrong.old, 10000)
    assert wrong.payment.reference in client.get(answer["Location"]).content.decode()


def test_pages__home_of_another_estate_or_foreign_payment__not_found(wrong: Wrong) -> None:
    page = f"/staff/fees/payments/{wrong.payment.pk}/move/"
    assert signed_in(wrong.cashier).get(f"{page}?home={make_home().pk}").status_code == 404
    assert signed_in(wrong.cashier).get(f"{page}?home=x").status_code == 404
    assert signed_in(make_cashier()).get(page).status_code == 404


def test_move__deposit_or_waiting_refund__refused(wrong: Wrong) -> None:
    actions.request_refund(payment=wrong.payment, by=wrong.cashier, reason="多缴", now=clock.now())
    with pytest.raises(ActionError) as refused:
        wrong.move()
    assert refused.value.code == "refund_waits"
