from services.fees.models.arrears import (
    ArrearsCall,
    DunningNotice,
    DunningRound,
    DunningRoundChange,
    DunningRule,
    Hardship,
)
from services.fees.models.bills import (
    Bill,
    BillChange,
    BillingRun,
    BillingRunChange,
    BillLine,
    BillQuerySet,
)
from services.fees.models.disputes import Dispute, DisputeChange
from services.fees.models.items import FeeItem, Tariff
from services.fees.models.late_fees import (
    LateFeeBill,
    LateFeeClock,
    LateFeeDay,
    LateFeeRule,
    LateFeeWaiver,
    LateFeeWaiverChange,
)
from services.fees.models.ledger import Account, Entry, LedgerTransaction
from services.fees.models.openings import Opening, OpeningChange, OpeningPrepayment
from services.fees.models.payments import (
    Payment,
    PaymentChange,
    PaymentLine,
    ProviderNotice,
    Refund,
    RefundChange,
)
from services.fees.models.reach import FeeListing, FeeReach, Reduction
from services.fees.models.receipts import IssuedReceipt, ReceiptPaper, ReceiptSeries
from services.fees.models.sandbox import SandboxOrder
from services.fees.models.shifts import Shift, ShiftChange

__all__ = [
    "Account",
    "ArrearsCall",
    "Bill",
    "BillChange",
    "BillLine",
    "BillQuerySet",
    "BillingRun",
    "BillingRunChange",
    "Dispute",
    "DisputeChange",
    "DunningNotice",
    "DunningRound",
    "DunningRoundChange",
    "DunningRule",
    "Entry",
    "FeeItem",
    "FeeListing",
    "FeeReach",
    "Hardship",
    "IssuedReceipt",
    "LateFeeBill",
    "LateFeeClock",
    "LateFeeDay",
    "LateFeeRule",
    "LateFeeWaiver",
    "LateFeeWaiverChange",
    "LedgerTransaction",
    "Opening",
    "OpeningChange",
    "OpeningPrepayment",
    "Payment",
    "PaymentChange",
    "PaymentLine",
    "ProviderNotice",
    "ReceiptPaper",
    "ReceiptSeries",
    "Reduction",
    "Refund",
    "RefundChange",
    "SandboxOrder",
    "Shift",
    "ShiftChange",
    "Tariff",
]
