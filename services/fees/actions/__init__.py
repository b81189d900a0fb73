"""Every write of the fees service. Pages, API, admin, tasks, other services and commands call these."""

from services.fees.actions.billing import (
    Forecast,
    drop_run,
    look_ahead,
    make_bills,
    preview_run,
    start_run,
    to_go_on,
)
from services.fees.actions.charging import (
    Charge,
    Computation,
    charge,
    void_bill,
)
from services.fees.actions.counter import (
    CounterPayment,
    print_receipt,
    take_cash,
    use_prepayment,
)
from services.fees.actions.items import set_tariff
from services.fees.actions.paying import (
    Checkout,
    begin_payment,
    way_to_pay,
)
from services.fees.actions.provider_notices import (
    ask_provider,
    credit,
    fail_payment,
    give_up,
    handle_notice,
    record_forged_notice,
    resolve_doubt,
)
from services.fees.actions.refunds import (
    approve_refund,
    ask_back,
    decline_refund,
    pay_back,
    try_refund_again,
)
from services.fees.actions.steps import takings_topic

__all__ = [
    "Charge",
    "Checkout",
    "Computation",
    "CounterPayment",
    "Forecast",
    "approve_refund",
    "ask_back",
    "ask_provider",
    "begin_payment",
    "charge",
    "credit",
    "decline_refund",
    "drop_run",
    "fail_payment",
    "give_up",
    "handle_notice",
    "look_ahead",
    "make_bills",
    "pay_back",
    "preview_run",
    "print_receipt",
    "record_forged_notice",
    "resolve_doubt",
    "set_tariff",
    "start_run",
    "take_cash",
    "takings_topic",
    "to_go_on",
    "try_refund_again",
    "use_prepayment",
    "void_bill",
    "way_to_pay",
]
