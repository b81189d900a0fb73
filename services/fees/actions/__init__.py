"""All writes of payments, deposits and refunds: pages, API, admin, tasks, other services and commands call these."""

from services.fees.actions.counter import (
    CounterPayment,
    begin_code_payment,
    print_receipt,
    take_payment,
    use_prepayment,
)
from services.fees.actions.crediting import (
    credit,
)
from services.fees.actions.deposits import (
    Deduction,
    DepositTaken,
    ask_deposit_back,
    take_deposit,
)
from services.fees.actions.merchants import (
    try_merchant,
)
from services.fees.actions.moves import (
    Move,
    movable_fen,
    move_payment,
)
from services.fees.actions.orders import (
    close_overtaken,
    close_payment,
    fail_payment,
    open_order,
    query_provider,
)
from services.fees.actions.payments import (
    Checkout,
    begin_payment,
)
from services.fees.actions.payouts import (
    Payout,
    ask_payout,
)
from services.fees.actions.provider_notices import (
    handle_notice,
    record_forged_notice,
    resolve_doubt,
)
from services.fees.actions.refunds import (
    RefundParts,
    apply_refund_answer,
    approve_refund,
    decline_refund,
    request_refund,
    send_refund,
    try_refund_again,
)
from services.fees.actions.steps import (
    takings_topic,
)

__all__ = [
    "Checkout",
    "CounterPayment",
    "Deduction",
    "DepositTaken",
    "Move",
    "Payout",
    "RefundParts",
    "apply_refund_answer",
    "approve_refund",
    "ask_deposit_back",
    "ask_payout",
    "begin_code_payment",
    "begin_payment",
    "close_overtaken",
    "close_payment",
    "credit",
    "decline_refund",
    "fail_payment",
    "handle_notice",
    "movable_fen",
    "move_payment",
    "open_order",
    "print_receipt",
    "query_provider",
    "record_forged_notice",
    "request_refund",
    "resolve_doubt",
    "send_refund",
    "take_deposit",
    "take_payment",
    "takings_topic",
    "try_merchant",
    "try_refund_again",
    "use_prepayment",
]
