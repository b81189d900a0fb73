"""All writes of bills: pages, API, admin, tasks, other services and commands call these."""

from services.fees.billing.actions.charges import (
    Charge,
    CounterCharge,
    charge,
    charge_at_counter,
)
from services.fees.billing.actions.items import NewItem, add_item, ask_tariff, set_tariff
from services.fees.billing.actions.runs import (
    Forecast,
    drop_run,
    forecast_run,
    make_bills,
    preview_run,
    runs_to_resume,
    start_run,
)
from services.fees.billing.actions.voids import (
    ask_run_void,
    bill_again,
    paid_bills,
    void_bill,
    void_run,
)

__all__ = [
    "Charge",
    "CounterCharge",
    "Forecast",
    "NewItem",
    "add_item",
    "ask_run_void",
    "ask_tariff",
    "bill_again",
    "charge",
    "charge_at_counter",
    "drop_run",
    "forecast_run",
    "make_bills",
    "paid_bills",
    "preview_run",
    "runs_to_resume",
    "set_tariff",
    "start_run",
    "void_bill",
    "void_run",
]
