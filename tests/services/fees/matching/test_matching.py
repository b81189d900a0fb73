"""Every difference between a statement and our payments is found, none is invented, and each is resolved once."""

from datetime import timedelta

import pytest

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError
from community.core.models import AuditRecord
from community.core.services.figures import Span
from community.notifications.models import OutboxMessage
from services.fees import providers, tasks
from services.fees.closing.hindrances import open_differences
from services.fees.matching import actions
from services.fees.matching.queries import days_not_agreed_in, figures, open_differences_in
from services.fees.models import Account, MatchingDay, MatchingDifference, MatchingLine, Payment, Refund
from services.fees.providers.base import (
    LineKind,
    ProviderDown,
    StatementBroken,
    StatementLine,
    StatementNotReady,
)
from services.fees.reconciliation import differences
from tests.factories import make_cashier, make_home, make_payment, make_resident, make_staff
from tests.services.fees.matching.statements import Written, many_payments, matched, new_day, paid_line
from tests.support.books import assert_in_balance
from tests.support.paying import credit, give_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    provider = Written()
    monkeypatch.setitem(providers.KNOWN, "sandbox", provider)
    return provider


def kinds(day: MatchingDay) -> dict[str, MatchingDifference]:
    return {one.kind: one for one in day.differences.open()}


def refund_line(refund: Refund, fen: int | None = None, number: str = "R1") -> StatementLine:
    payment = refund.of_payment
    return StatementLine(
        LineKind.REFUND,
        payment.order_number,
        number,
        refund.amount_fen if fen is None else fen,
        refund.order_number,
    )


def paid_back(payment: Payment, status: str = "done") -> Refund:
    refund = give_back(payment, asks=make_cashier(estate=payment.estate))
    Refund.objects.filter(pk=refund.pk).update(status=status, status_changed_at=clock.now())
    refund.refresh_from_db()
    return refund


def test_match__300_lines_with_each_kind_planted__finds_all_and_invents_none(
    written: Written, django_assert_max_num_queries
) -> None:
    home = make_home()
    payer = make_resident(home=home)
    rows = many_payments(home, payer, 300)
    written.lines = [paid_line(one) for one in rows[:299]]
    written.lines[0] = paid_line(rows[0], 5)
    Payment.objects.filter(pk=rows[1].pk).update(status="pending", paid_at=None, provider_number="")
    Payment.objects.filter(pk=rows[2].pk).update(status="closed", paid_at=None, provider_number="")
    written.lines[3] = StatementLine(LineKind.PAYMENT, "999-P-1", "X1", 100)
    written.lines[4] = StatementLine(LineKind.PAYMENT, "someone else's", "X2", 100)
    written.lines[5] = paid_line(rows[5], number=rows[6].provider_number)
    written.lines.append(paid_line(rows[7]))
    back = [paid_back(make_payment(paid=True)) for _n in range(4)]
    waiting = paid_back(make_payment(paid=True), "failed")
    written.lines += [paid_line(one.of_payment) for one in (*back, waiting)]
    written.lines += [refund_line(back[0]), refund_line(back[1], 3, "R2"), refund_line(waiting, number="R3")]
    written.lines.append(
        StatementLine(LineKind.REFUND, back[2].of_payment.order_number, "R4", 7, "9-P-R99999")
    )
    day = new_day()
    assert actions.fetch_day(day=day, now=clock.now())
    actions.match_day(day=day, now=clock.now())
    with django_assert_max_num_queries(25):
        actions.match_day(day=day, now=clock.now())
    found = sorted(day.differences.values_list("kind", flat=True))
    assert found == sorted(
        [
            *("amount", "not_here", "not_here", "unknown", "unknown", "repeated", "repeated", "number_used"),
            *("not_there", "not_there", "not_there"),
            *("refund_amount", "refund_not_here", "refund_unknown", "refund_not_there", "refund_not_there"),
        ]
    )
    sums = figures(day, make_staff(role=StaffRole.Role.MANAGER, estate=home.estate))
    assert (sums.payments.count, sums.payments.odd_count, sums.not_there_count) == (300, 8, 3)
    assert sums.payments.fen == sums.payments.matched_fen + sums.payments.odd_fen


def test_match__again__changes_nothing_and_resolves_what_is_right_by_now(written: Written) -> None:
    pending = make_payment()
    written.lines = [paid_line(pending, number="N77")]
    day = matched()
    assert set(kinds(day)) == {"not_here"}
    actions.match_day(day=day, now=clock.now())
    assert day.differences.count() == 1
    credit(pending, "N77")
    assert actions.match_day(day=day, now=clock.now()) == 0
    one = day.differences.get()
    assert one.resolved_at is not None
    assert one.resolved_by is None


@pytest.mark.parametrize("status", ["pending", "closed", "failed"])
def test_settle__money_that_came__is_credited_once(written: Written, status: str) -> None:
    payment = make_payment()
    Payment.objects.filter(pk=payment.pk).update(status=status)
    written.lines = [paid_line(payment, number="N78", fee=60)]
    day = matched()
    cashier = make_cashier(estate=payment.estate)
    one = kinds(day)["not_here"]
    with pytest.raises(ActionError):
        actions.note_difference(difference=one, words="好", by=cashier, now=clock.now())
    for _n in range(2):
        actions.settle_difference(difference=one, by=cashier, now=clock.now())
    payment.refresh_from_db()
    one.refresh_from_db()
    assert (payment.status, payment.provider_number, one.resolved_by) == ("paid", "N78", cashier)
    assert AuditRecord.objects.filter(action="fees.difference_resolved").count() == 1
    assert_in_balance()


def test_settle__refund_that_went__is_done(written: Written) -> None:
    refund = paid_back(make_payment(paid=True), "failed")
    written.lines = [paid_line(refund.of_payment), refund_line(refund)]
    day = matched()
    one = kinds(day)["refund_not_here"]
    actions.settle_difference(difference=one, by=make_cashier(estate=refund.estate), now=clock.now())
    refund.refresh_from_db()
    assert (refund.status, refund.provider_number) == ("done", "R1")
    assert_in_balance()


def test_agree__day_with_a_fee__books_it_once_and_is_closed(written: Written) -> None:
    payment = make_payment(paid=True)
    written.lines = [paid_line(payment, fee=139), StatementLine(LineKind.PAYMENT, "none", "X", 5)]
    day = matched()
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=payment.estate)
    assert open_differences_in(payment.estate, day.day, day.day).count() == 1
    hindered = open_differences(payment.estate, Span(day.day.replace(day=1), day.day))
    assert [one.code for one in hindered] == ["differences_open"]
    with pytest.raises(ActionError):
        actions.agree_day(day=day, by=manager, now=clock.now())
    day.refresh_from_db()
    actions.note_difference(difference=kinds(day)["unknown"], words="已退", by=manager, now=clock.now())
    assert list(days_not_agreed_in(payment.estate, day.day, day.day)) == [day]
    for _n in range(2):
        actions.agree_day(day=day, by=manager, now=clock.now())
    assert not days_not_agreed_in(payment.estate, day.day, day.day)
    fee = Account.objects.get(kind="provider_fee")
    held = Account.objects.get(kind="provider")
    assert (fee.balance_fen, held.balance_fen) == (139, payment.amount_fen - 139)
    assert_in_balance()
    MatchingLine.objects.filter(fee_fen=139).update(fee_fen=140)
    assert [str(one.of) for one in differences()] == [f"fee:{day.pk}:{payment.estate_id}"]
    MatchingLine.objects.filter(day=day).update(payment=None, named_estate=None)
    actions.match_day(day=day, now=clock.now())
    assert not day.differences.open()


def test_fetch__not_there__says_why_and_asks_again_in_half_an_hour(written: Written) -> None:
    day, now = new_day(), clock.now()
    for trouble, word in (
        (StatementNotReady(), "not_ready"),
        (StatementBroken(), "broken"),
        (ProviderDown(), "down"),
    ):
        written.trouble = trouble
        assert not actions.fetch_day(day=day, now=now)
        day.refresh_from_db()
        assert (day.status, day.trouble, day.ask_at) == ("waiting", word, now + timedelta(minutes=30))
        now += timedelta(minutes=30)
        assert actions.due_days(now=now - timedelta(seconds=1)) == []
        assert actions.due_days(now=now) == [day]
    written.trouble = None
    assert actions.fetch_day(day=day, now=now)
    assert not actions.fetch_day(day=day, now=now)
    assert (day.status, day.trouble, day.lines.count()) == ("stored", "", 0)
    assert (
        MatchingDay.objects.get(pk=day.pk).sha256
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_fetch__two_at_once__stores_one_statement(written: Written) -> None:
    written.lines = [paid_line(make_payment(paid=True))]
    day = new_day()
    late = MatchingDay.objects.get(pk=day.pk)
    assert actions.fetch_day(day=day, now=clock.now())
    assert not actions.fetch_day(day=late, now=clock.now())
    assert (len(written.asked), MatchingLine.objects.count()) == (1, 1)


def test_task__killed_between_storing_and_matching__goes_on(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(paid=True)
    Payment.objects.filter(pk=payment.pk).update(paid_at=clock.now() - timedelta(days=3))
    monkeypatch.setattr("services.fees.matching.actions.comparing._link", lambda _day: 1 / 0)
    assert tasks.match_statements() >= 2
    assert set(MatchingDay.objects.values_list("status", flat=True)) == {"stored"}
    monkeypatch.undo()
    monkeypatch.setitem(providers.KNOWN, "sandbox", written)
    assert tasks.match_statements() == 0
    assert set(MatchingDay.objects.values_list("status", flat=True)) == {"matched"}
    assert MatchingDifference.objects.get().kind == "not_there"
    told = OutboxMessage.objects.filter(template="statement_differs").count()
    assert tasks.match_statements() == 0
    assert OutboxMessage.objects.filter(template="statement_differs").count() == told


def test_match__near_midnight__is_no_difference_once_the_next_day_is_there(written: Written) -> None:
    payment = make_payment(paid=True)
    day = matched()
    assert set(kinds(day)) == {"not_there"}
    written.lines = [paid_line(payment)]
    matched(new_day(day.day + timedelta(days=1)))
    assert actions.match_day(day=day, now=clock.now()) == 0
