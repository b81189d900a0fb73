"""The demo's two years of bills: plausible, and the books agree."""

from accounts.models import User
from community.core import clock
from services.fees import queries
from services.fees.models import Account, Bill, Deposit, FeeItem, Payment, Refund
from tests.support.books import assert_in_balance


def owed(phone: str) -> tuple[int, int]:
    fen, bills, _late_fen = queries.owed_by(
        User.objects.with_phone(f"+86{phone}").get(), clock.today(clock.now())
    )
    return fen, bills


def test_fees__two_years_for_every_home__some_in_arrears_and_the_books_agree(demo: None) -> None:
    assert Bill.objects.filter(item__kind="property", opening=None).count() == 36_000
    assert_in_balance()
    late = Bill.objects.in_arrears(clock.today(clock.now())).values("home").distinct().count()
    assert 1500 * 0.09 < late < 1500 * 0.16
    assert {1, 2} <= {len(set(item.tariffs.values_list("rate_hao"))) for item in FeeItem.objects.all()}
    assert Account.objects.filter(held_fen__gt=0).exists()
    assert Payment.objects.filter(channel="cash").exists()


def test_fees__of_those_who_can_be_tried(demo: None) -> None:
    assert owed("13900010001")[1] == 1
    # Three months of the property fee, two of water.
    assert owed("13900010003")[1] == 5
    assert owed("13900010004") == (0, 0)
    son = User.objects.with_phone("+8613900010002").get()
    assert [one.owed_fen for one in queries.residents_to_pay_for(son)] == [owed("13900010001")[0]]
    assert all(bill.created_at <= clock.now() for bill in Bill.objects.order_by("-created_at")[:5])


def test_fees__deposits_of_each_kind_refunds_in_part_and_a_moved_payment(demo: None) -> None:
    assert set(Deposit.objects.held().values_list("kind", flat=True)) == set(Deposit.Kind.values)
    assert Refund.objects.filter(deposit__isnull=False, status="done", kept_fen__gt=0).exists()
    assert Payment.objects.filter(status="partly").exists()
    assert Payment.objects.filter(moved_from__isnull=False).exists()
    assert Refund.objects.waiting_for_second().filter(payment__isnull=False).exists()
    owner = User.objects.with_phone("+8613900010003").get()
    assert Deposit.objects.of_payer(owner).exists()
