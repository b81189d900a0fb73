"""Declaration of the fees service."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from accounts.models import Administration, StaffRole
from community.core.services import Delegated, MenuGroup, MenuItem, Service, StartPage
from community.core.services.rights import EDIT, EXPORT, KEEP, VIEW
from community.core.services.staff import StaffPage
from services.fees import KEY, figures, home, metrics, nav, residents
from services.fees.approvals import BY_TWO
from services.fees.columns import COLUMNS
from services.fees.messages import MESSAGES
from services.fees.models import Bill, Payment
from services.fees.personal import DATA_USE, PERSONAL
from services.fees.scopes import SCOPES

Role = StaffRole.Role

_READS: dict[str, tuple[str, ...]] = {
    f"fees.{name}": VIEW for name in ("feeitem", "bill", "payment", "refund", "deposit")
}
_BOOKS: dict[str, tuple[str, ...]] = {
    **_READS,
    **{f"fees.{name}": EXPORT for name in ("bill", "payment")},
    **{f"fees.{name}": VIEW for name in ("ledgertransaction", "account", "providernotice", "opening")},
    **{f"fees.{name}": VIEW for name in ("banksheet", "matchingday", "matchingdifference")},
    **{f"fees.{name}": VIEW for name in ("feereach", "feelisting", "meterreading")},
}
_KEEPS: dict[str, tuple[str, ...]] = {
    **_BOOKS,
    "fees.feeitem": EDIT,
    "fees.feereach": KEEP,
    "fees.feelisting": (*KEEP, "import", "export"),
    "fees.opening": (*VIEW, "import"),
    "fees.banksheet": (*VIEW, "import"),
    "fees.meterreading": (*VIEW, "import"),
}


SERVICE = Service(
    key=KEY,
    label=_("Fees"),
    delegated=Delegated(_("fees"), _("Pay fees")),
    answers_label=_("Payment"),
    rights={
        Role.MANAGER: _KEEPS,
        Role.FRONT_DESK: {**_READS, "fees.meterreading": (*VIEW, "import")},
        Role.CASHIER: _KEEPS,
        Administration.SYSTEM: {"fees.merchantaccount": EDIT},
        Role.AUDITOR: _BOOKS,
    },
    scopes=SCOPES,
    start_pages=(StartPage("fees_desk", lambda roles: set(roles) == {Role.CASHIER}),),
    admin_menu=(
        MenuGroup(
            70,
            _("Fees"),
            (
                MenuItem(_("Bills"), "receipt_long", "fees.bill"),
                MenuItem(_("Payments"), "payments", "fees.payment"),
                MenuItem(_("Refunds"), "undo", "fees.refund"),
                MenuItem(_("Deposits"), "savings", "fees.deposit"),
                MenuItem(_("Fee items"), "sell", "fees.feeitem"),
                MenuItem(_("Fee lists"), "local_parking", "fees.feelisting"),
                MenuItem(_("Books"), "menu_book", "fees.ledgertransaction"),
                MenuItem(_("Opening balances"), "upload_file", "fees.opening"),
                MenuItem(_("Files of banks"), "account_balance_wallet", "fees.banksheet"),
                MenuItem(_("Reconciliation"), "rule", "fees.matchingday"),
                MenuItem(_("Differences from statements"), "difference", "fees.matchingdifference"),
                MenuItem(_("Meter readings"), "speed", "fees.meterreading"),
                MenuItem(_("Accounts"), "account_balance", "fees.account"),
                MenuItem(_("Merchant accounts"), "key", "fees.merchantaccount"),
                MenuItem(_("Calls of providers"), "call_received", "fees.providernotice"),
            ),
        ),
    ),
    messages=MESSAGES,
    by_two=BY_TWO,
    done_in_name={
        "payment:pending": _("Began to pay fees"),
        "payment:paid": _("Paid fees"),
        "payment:closed": _("Gave up a payment"),
        "invoicerequest:asked": _("Asked for an invoice"),
        "bill:open": _("Was charged for a service"),
    },
    acts={
        "fees.cash_taken": _("Cash taken"),
        "fees.prepayment_used": _("Paid from prepayment"),
        "fees.bill_again": _("Exempt bill to be made again"),
        "fees.bill_voided": _("Bill voided"),
        "fees.books_opened": _("Opening balances brought in"),
        "fees.opening_undone": _("Opening balances undone"),
        "fees.invoice_asked": _("Invoice asked for"),
        "fees.invoice_withdrawn": _("Invoice request withdrawn"),
        "fees.invoice_issued": _("Invoice issued"),
        "fees.invoice_refused": _("Invoice not issued"),
        "fees.invoice_reversed": _("Invoice reversed"),
        "fees.charged": _("Single charge made"),
        "fees.bank_sheet_brought_in": _("File of a bank brought in"),
        "fees.day_agreed": _("Day of a provider agreed to"),
        "fees.difference_resolved": _("Difference from a statement resolved"),
        "fees.doubt_seen_to": _("Doubtful payment seen to"),
        "fees.cost_dropped": _("Shared cost taken back"),
        "fees.cost_shared": _("Cost shared among homes"),
        "fees.meter_added": _("Meter added"),
        "fees.reading_decided": _("Meter reading decided"),
        "fees.readings_imported": _("Meter readings imported"),
        "fees.tiers_set": _("Tiers set"),
        "fees.receipt_printed": _("Receipt printed"),
        "fees.fund_exported": _("Quarter of the owners' money exported"),
        "fees.late_fee_rule_set": _("Late fee set"),
        "fees.waiver_asked": _("Waiver of a late fee asked for"),
        "fees.waiver_agreed": _("Late fee waived"),
        "fees.waiver_declined": _("Late fee not waived"),
        "fees.disputed": _("Bill disputed"),
        "fees.dispute_answered": _("Disputed bill answered"),
        "fees.dunning_rule_set": _("Rule for reminders set"),
        "fees.dunning_sent": _("Reminders sent"),
        "fees.letters_printed": _("Letters about arrears printed"),
        "fees.fund_written": _("Line of a fund written"),
        "fees.fund_agreed": _("Line of a fund agreed to"),
        "fees.fund_declined": _("Line of a fund declined"),
        "fees.fund_reversal_asked": _("Line of a fund to be taken back"),
        "fees.fund_asked": _("Question about a fund"),
        "fees.fund_answered": _("Question about a fund answered"),
        "fees.hardship_marked": _("Hardship marked"),
        "fees.hardship_read": _("Reason of a hardship mark read"),
        "fees.hardship_ended": _("Hardship mark ended"),
        "fees.reversal_asked": _("Reversal of an entry asked for"),
        "fees.reversal_confirmed": _("Entry reversed"),
        "fees.reversal_declined": _("Reversal of an entry declined"),
        "fees.receipt_voided": _("Receipt voided"),
        "fees.series_set": _("Series of receipts set up"),
        "fees.sheet_prepared": _("Closing sheet prepared"),
        "fees.sheet_signed": _("Closing sheet signed"),
        "fees.shift_opened": _("Shift of a till opened"),
        "fees.shift_closed": _("Shift of a till closed"),
        "fees.cash_banked": _("Cash brought to the bank"),
        "fees.cash_banked_undone": _("Cash brought to the bank, undone"),
        "fees.refund_asked": _("Refund asked for"),
        "fees.refund_declined": _("Refund declined"),
        "fees.refund_approved": _("Refund agreed to"),
        "fees.refunded": _("Paid back"),
        "fees.deposit_taken": _("Deposit taken"),
        "fees.payment_moved": _("Payment moved to another home"),
        "fees.reduction_agreed": _("Reduction agreed to"),
        "fees.reduction_asked": _("Reduction asked for"),
        "fees.reduction_declined": _("Reduction declined"),
        "fees.reduction_ended": _("Reduction ended earlier"),
        "fees.run_started": _("Bills of a month made"),
        "fees.run_voided": _("Bills of a run voided"),
        "fees.item_added": _("Fee item added"),
        "fees.tariff_set": _("Tariff set"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=(
        "services.fees.urls",
        "services.fees.urls_staff",
        "services.fees.billing.reach.urls",
        "services.fees.billing.urls",
        "services.fees.billing.reductions.urls",
        "services.fees.books.urls",
        "services.fees.closing.urls",
        "services.fees.counter.urls",
        "services.fees.matching.urls",
        "services.fees.funds.urls",
        "services.fees.meters.urls",
        "services.fees.arrears.urls",
        "services.fees.billing.late_fees.urls",
    ),
    api_urls=("services.fees.api.urls",),
    beat={
        "ask-providers": {"task": "services.fees.tasks.ask_providers", "schedule": 30},
        "sweep-refunds": {"task": "services.fees.tasks.sweep_refunds", "schedule": 60},
        "resume-billing": {"task": "services.fees.tasks.resume_billing", "schedule": 60},
        # After midnight in the estates' time zone.
        "charge-late-fees": {
            "task": "services.fees.tasks.charge_late_fees",
            "schedule": crontab(hour=1, minute=30),
        },
        # Providers have the day before from 10:05 on.
        "match-statements": {
            "task": "services.fees.tasks.match_statements",
            "schedule": crontab(hour="10-23", minute="5,35"),
        },
        # In the morning, outside of the usual quiet hours.
        "announce-late-fees": {
            "task": "services.fees.tasks.announce_late_fees",
            "schedule": crontab(hour=10, minute=15),
        },
        "resume-reminders": {"task": "services.fees.tasks.resume_reminders", "schedule": 60},
        "call-from-sandbox": {"task": "services.fees.tasks.call_from_sandbox", "schedule": 5},
    },
    metrics=metrics.waiting,
    nav=nav.NAV,
    home=home.HOME,
    figures=figures.FIGURES,
    references={"B": StaffPage(Bill, "fees_bill"), "P": StaffPage(Payment, "fees_payment")},
    resident_actions=residents.ACTIONS,
)
