"""What changes the sums and the counts of fees on a home page and the side nav."""

from uuid import uuid4

from community.core import clock
from services.fees import actions as fees
from services.fees.billing import actions as billing
from services.fees.billing.reductions import actions as reductions
from services.fees.books.actions import invoices
from services.fees.funds.actions import answer_question, ask_question, ask_reversal, decline_line
from services.fees.matching.actions import note_difference
from tests.support.changed import home, nav
from tests.support.world import World


@home("owner")
def the_worker_makes_the_bills_of_a_month(world: World) -> None:
    run = world.more["run"]
    billing.start_run(run=run, by=world.people["cashier"], now=clock.now())
    run.refresh_from_db()
    billing.make_bills(run=run)


@home("household", "delegate")
def a_bill_is_made_for_the_home(world: World) -> None:
    made = billing.Charge(
        item_kind=world.more["item"].kind,
        estate=world.estate,
        home=world.home,
        subject="lock",
        period=clock.today(clock.now()),
        amount_fen=1234,
        words="换锁",
        charged_to=None,
    )
    billing.charge(made, by=world.people["cashier"], now=clock.now())


@home("owner")
def a_bill_is_voided(world: World) -> None:
    billing.void_bill(bill=world.more["bill"], reason="重复", by=world.people["cashier"], now=clock.now())


@home("owner", "delegate")
def a_bill_is_paid_in_part_at_the_counter(world: World) -> None:
    fees.take_payment(
        fees.CounterPayment(
            home=world.home,
            amounts={world.more["bill"].pk: 100},
            payer=world.people["owner"],
            payer_name="",
            key=uuid4(),
        ),
        extra_fen=0,
        by=world.people["cashier"],
        now=clock.now(),
    )


@nav("cashier")
def a_doubt_is_cleared(world: World) -> None:
    fees.resolve_doubt(notice=world.more["doubt"], words="已退", by=world.people["cashier"], now=clock.now())


@nav("manager")
def a_reduction_is_declined(world: World) -> None:
    reductions.decline_reduction(
        reduction=world.more["reduction"], by=world.people["manager"], now=clock.now()
    )


@nav("manager", "cashier")
def an_invoice_is_refused(world: World) -> None:
    invoices.refuse_invoice(
        request=world.more["invoice"], reason="抬头不对", by=world.people["cashier"], now=clock.now()
    )


@nav("cashier", "manager")
def a_difference_is_resolved(world: World) -> None:
    note_difference(
        difference=world.more["to_note"], words="已退", by=world.people["cashier"], now=clock.now()
    )


@nav("manager")
def a_line_of_a_fund_waits_for_another_person(world: World) -> None:
    ask_reversal(line=world.more["fund_line"], reason="记错了", by=world.people["cashier"], now=clock.now())


@nav("manager")
def a_spending_of_a_fund_is_declined(world: World) -> None:
    decline_line(line=world.more["fund_spending"], reason="太贵", by=world.people["manager"], now=clock.now())


@nav("manager", "cashier", "front_desk")
def a_question_about_a_fund_is_answered(world: World) -> None:
    answer_question(
        question=world.more["fund_question"],
        answer="按合同",
        by=world.people["front_desk"],
        now=clock.now(),
    )


@nav("front_desk")
def a_resident_asks_about_a_fund(world: World) -> None:
    line = world.more["fund_line"]
    ask_question(line=line, words="还剩多少", spoken=None, by=world.people["owner"], now=clock.now())
