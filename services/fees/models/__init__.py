from services.fees.models.arrears import (
    ArrearsCall,
    DunningNotice,
    DunningRound,
    DunningRoundChange,
    DunningRule,
    Hardship,
)
from services.fees.models.bank_sheets import BankSheet
from services.fees.models.bills import (
    Bill,
    BillChange,
    BillingRun,
    BillingRunChange,
    BillLine,
    BillQuerySet,
)
from services.fees.models.closings import ClosingSheet, ClosingSheetChange
from services.fees.models.deposits import Deposit
from services.fees.models.disputes import Dispute, DisputeChange, DisputeRecording
from services.fees.models.funds import (
    Fund,
    FundFile,
    FundLine,
    FundLineChange,
    FundQuestion,
    FundRecording,
)
from services.fees.models.invoices import InvoiceChange, InvoiceLine, InvoiceRequest
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
from services.fees.models.matching import (
    MatchingDay,
    MatchingDayChange,
    MatchingDifference,
    MatchingLine,
)
from services.fees.models.merchants import MerchantAccount
from services.fees.models.meters import Meter, MeterReading, ReadingPicture
from services.fees.models.openings import Opening, OpeningChange, OpeningPrepayment
from services.fees.models.payments import (
    LiveOrder,
    Payment,
    PaymentChange,
    PaymentLine,
    ProviderNotice,
)
from services.fees.models.reach import FeeListing, FeeReach, Reduction
from services.fees.models.receipts import IssuedReceipt, ReceiptPaper, ReceiptSeries
from services.fees.models.refunds import Refund, RefundChange, RefundLine
from services.fees.models.reversals import LedgerReversal, LedgerReversalChange
from services.fees.models.sandbox import SandboxOrder, SandboxRefund
from services.fees.models.shifts import BankedCash, BankedCashChange, Shift, ShiftChange
from services.fees.models.usage import SharedCost, SharePart, TariffTier, UsageLine

__all__ = [
    "Account",
    "ArrearsCall",
    "BankSheet",
    "BankedCash",
    "BankedCashChange",
    "Bill",
    "BillChange",
    "BillLine",
    "BillQuerySet",
    "BillingRun",
    "BillingRunChange",
    "ClosingSheet",
    "ClosingSheetChange",
    "Deposit",
    "Dispute",
    "DisputeChange",
    "DisputeRecording",
    "DunningNotice",
    "DunningRound",
    "DunningRoundChange",
    "DunningRule",
    "Entry",
    "FeeItem",
    "FeeListing",
    "FeeReach",
    "Fund",
    "FundFile",
    "FundLine",
    "FundLineChange",
    "FundQuestion",
    "FundRecording",
    "Hardship",
    "InvoiceChange",
    "InvoiceLine",
    "InvoiceRequest",
    "IssuedReceipt",
    "LateFeeBill",
    "LateFeeClock",
    "LateFeeDay",
    "LateFeeRule",
    "LateFeeWaiver",
    "LateFeeWaiverChange",
    "LedgerReversal",
    "LedgerReversalChange",
    "LedgerTransaction",
    "LiveOrder",
    "MatchingDay",
    "MatchingDayChange",
    "MatchingDifference",
    "MatchingLine",
    "MerchantAccount",
    "Meter",
    "MeterReading",
    "Opening",
    "OpeningChange",
    "OpeningPrepayment",
    "Payment",
    "PaymentChange",
    "PaymentLine",
    "ProviderNotice",
    "ReadingPicture",
    "ReceiptPaper",
    "ReceiptSeries",
    "Reduction",
    "Refund",
    "RefundChange",
    "RefundLine",
    "SandboxOrder",
    "SandboxRefund",
    "SharePart",
    "SharedCost",
    "Shift",
    "ShiftChange",
    "Tariff",
    "TariffTier",
    "UsageLine",
]
