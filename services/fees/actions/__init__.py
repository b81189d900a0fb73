"""All writes of the fees service: pages, API, admin, tasks, other services and commands call these."""

from services.fees.actions.charges import (
    Charge,
    CounterCharge,
    charge,
    charge_at_counter,
)
from services.fees.actions.counter import (
    CounterPayment,
    print_receipt,
    take_payment,
    use_prepayment,
)
from services.fees.actions.crediting import credit
from services.fees.actions.deposits import Deduction, DepositTaken, ask_deposit_back, take_deposit
from services.fees.actions.items import set_tariff
from services.fees.actions.moves import Move, move_payment
from services.fees.actions.orders import (
    close_overtaken,
    close_payment,
    fail_payment,
    open_order,
    query_provider,
)
from services.fees.actions.payments import Checkout, begin_payment
from services.fees.actions.payouts import Payout, ask_payout
from services.fees.actions.provider_notices import (
    handle_notice,
    record_forged_notice,
    resolve_doubt,
)
from services.fees.actions.refunds import (
    RefundParts,
    approve_refund,
    decline_refund,
    request_refund,
    send_refund,
    try_refund_again,
)
from services.fees.actions.runs import (
    Forecast,
    drop_run,
    forecast_run,
    make_bills,
    preview_run,
    runs_to_resume,
    start_run,
)
from services.fees.actions.steps import takings_topic
from services.fees.actions.voids import bill_again, paid_bills, void_bill, void_run

__all__ = [
    "Charge",
    "Checkout",
    "CounterCharge",
    "CounterPayment",
    "Deduction",
    "DepositTaken",
    "Forecast",
    "Move",
    "Payout",
    "RefundParts",
    "approve_refund",
    "ask_deposit_back",
    "ask_payout",
    "begin_payment",
    "bill_again",
    "charge",
    "charge_at_counter",
    "close_overtaken",
    "close_payment",
    "credit",
    "decline_refund",
    "drop_run",
    "fail_payment",
    "forecast_run",
    "handle_notice",
    "make_bills",
    "move_payment",
    "open_order",
    "paid_bills",
    "preview_run",
    "print_receipt",
    "query_provider",
    "record_forged_notice",
    "request_refund",
    "resolve_doubt",
    "runs_to_resume",
    "send_refund",
    "set_tariff",
    "start_run",
    "take_deposit",
    "take_payment",
    "takings_topic",
    "try_refund_again",
    "use_prepayment",
    "void_bill",
    "void_run",
]
