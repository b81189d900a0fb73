from services.fees.models.bills import Bill, BillChange, BillingRun, BillingRunChange, BillQuerySet
from services.fees.models.items import FeeItem, Tariff
from services.fees.models.ledger import Account, Entry, LedgerTransaction
from services.fees.models.payments import (
    Payment,
    PaymentChange,
    PaymentLine,
    ProviderNotice,
    Refund,
    RefundChange,
)
from services.fees.models.sandbox import SandboxOrder

__all__ = [
    "Account",
    "Bill",
    "BillChange",
    "BillQuerySet",
    "BillingRun",
    "BillingRunChange",
    "Entry",
    "FeeItem",
    "LedgerTransaction",
    "Payment",
    "PaymentChange",
    "PaymentLine",
    "ProviderNotice",
    "Refund",
    "RefundChange",
    "SandboxOrder",
    "Tariff",
]
