"""Personal data in the rows of fees."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Residency, User
from community.core.services import DataUse, Open, Personal
from services.fees.models import Account, Bill, Dispute, InvoiceRequest, Payment, Refund

PERSONAL = (
    Personal("fees.bill", about=("charged_to",)),
    Personal("fees.billchange", about=("bill__charged_to",), by=("actor", "on_behalf_of")),
    Personal("fees.billingrun", by=("begun_by",)),
    Personal("fees.billingrunchange", by=("actor", "on_behalf_of")),
    Personal("fees.billline", about=("bill__charged_to",)),
    Personal("fees.feelisting", by=("by",)),
    Personal("fees.reduction", by=("asked_by", "approved_by")),
    Personal("fees.invoicerequest", about=("resident",), by=("made_by",)),
    Personal("fees.invoicechange", about=("request__resident",), by=("actor", "on_behalf_of")),
    Personal("fees.invoiceline", about=("request__resident",)),
    Personal("fees.closingsheet", by=("prepared_by", "signed_by")),
    Personal("fees.closingsheetchange", by=("actor", "on_behalf_of")),
    Personal("fees.fundline", by=("asked_by", "approved_by")),
    Personal("fees.fundlinechange", by=("actor", "on_behalf_of")),
    Personal("fees.fundfile", by=("added_by",)),
    Personal("fees.fundquestion", about=("asked_by",), by=("answered_by",)),
    Personal("fees.fundrecording", about=("question__asked_by",), by=("added_by",), goes=True),
    Personal("fees.opening", by=("made_by",)),
    Personal("fees.openingchange", by=("actor", "on_behalf_of")),
    Personal("fees.account", about=("person",)),
    Personal("fees.ledgertransaction", about=("entries__account__person",), by=("by",)),
    Personal("fees.ledgerreversal", by=("asked_by", "approved_by")),
    Personal("fees.ledgerreversalchange", by=("actor", "on_behalf_of")),
    Personal("fees.entry", about=("account__person",)),
    Personal("fees.meterreading", by=("by", "decided_by")),
    Personal("fees.readingpicture", by=("added_by",)),
    Personal("fees.sharedcost", by=("by",)),
    Personal("fees.payment", about=("payer",), by=("made_by",), plain=("payer_name",)),
    Personal("fees.paymentchange", about=("payment__payer",), by=("actor", "on_behalf_of")),
    Personal("fees.paymentline", about=("payment__payer",)),
    Personal(
        "fees.refund",
        about=("payment__payer", "deposit__payment__payer", "account__person"),
        by=("made_by", "approved_by"),
        plain=("payee_name", "reason"),
    ),
    Personal(
        "fees.refundchange",
        about=("refund__payment__payer", "refund__deposit__payment__payer", "refund__account__person"),
        by=("actor", "on_behalf_of"),
    ),
    Personal("fees.refundline", about=("refund__payment__payer",)),
    Personal("fees.deposit", about=("payment__payer",)),
    Personal("fees.latefeerule", by=("set_by",)),
    Personal("fees.latefeewaiver", about=("bill__charged_to",), by=("asked_by", "answered_by")),
    Personal("fees.latefeewaiverchange", about=("waiver__bill__charged_to",), by=("actor", "on_behalf_of")),
    Personal("fees.dispute", about=("raised_for",), by=("raised_by", "answered_by")),
    Personal("fees.disputechange", about=("dispute__raised_for",), by=("actor", "on_behalf_of")),
    Personal("fees.disputerecording", about=("dispute__raised_for",), by=("added_by",), goes=True),
    Personal("fees.dunninground", by=("begun_by",)),
    Personal("fees.dunningroundchange", by=("actor", "on_behalf_of")),
    Personal("fees.dunningnotice", by=("by",)),
    Personal("fees.hardship", by=("by", "ended_by")),
    Personal("fees.arrearscall", by=("by",)),
    Personal("fees.shift", about=("cashier",)),
    Personal("fees.shiftchange", about=("shift__cashier",), by=("actor", "on_behalf_of")),
    Personal("fees.bankedcash", about=("shift__cashier",), by=("made_by",)),
    Personal("fees.bankedcashchange", about=("banked__shift__cashier",), by=("actor", "on_behalf_of")),
    Personal("fees.issuedreceipt", about=("payment__payer",), by=("issued_by", "voided_by")),
    Personal("fees.receiptpaper", about=("cashier",), goes=True),
    Personal("fees.banksheet", by=("made_by",)),
    Personal("fees.matchingdaychange", by=("actor", "on_behalf_of")),
    Personal("fees.matchingline", about=("payment__payer",)),
    Personal("fees.matchingdifference", about=("payment__payer",), by=("resolved_by",)),
    Personal("fees.providernotice", about=("payment__payer",), by=("seen_by",)),
)


def _alone_in(person: User) -> list[int]:
    """Returns the homes that nobody else lives in or owns: what they owe or have paid ahead is the person's."""
    mine = Residency.objects.active().filter(user=person).values("home")
    shared = Residency.objects.active().filter(home__in=mine).exclude(user=person).values("home")
    return list(
        Residency.objects.active().filter(user=person).exclude(home__in=shared).values_list("home", flat=True)
    )


def _open_matters(person: User) -> Iterator[Open]:
    homes = _alone_in(person)
    own = Q(charged_to=person) | Q(charged_to=None, home__in=homes)
    if Bill.objects.open().filter(own).exists():
        yield Open(_("There are unpaid bills: please pay them."), reverse("fees"))
    held = Q(person=person) | Q(person=None, home__in=homes)
    if Account.objects.filter(held, kind=Account.Kind.PREPAYMENT, held_fen__gt=0).exists():
        yield Open(_("You have paid ahead: use it up, or ask the desk to pay it back."), reverse("fees"))
    deposits = Account.objects.filter(
        kind=Account.Kind.DEPOSIT, held_fen__gt=0, deposit__payment__payer=person
    )
    if deposits.exists():
        yield Open(_("A deposit of yours is held: ask the desk to pay it back."), reverse("deposits"))
    money = Payment.objects.filter(payer=person, status=Payment.Status.PENDING)
    back = Refund.objects.filter(
        Q(payment__payer=person) | Q(account__person=person),
        status__in=[Refund.Status.ASKED, Refund.Status.PENDING, Refund.Status.FAILED],
    )
    if money.exists() or back.exists():
        yield Open(_("Money is on its way: please wait until it has come."), reverse("fees_history"))
    asked = Dispute.objects.filter(raised_for=person, status=Dispute.Status.OPEN)
    invoices = InvoiceRequest.objects.filter(resident=person, status=InvoiceRequest.Status.ASKED)
    if asked.exists() or invoices.exists():
        yield Open(
            _("A question about a bill or an invoice is open: please wait for the answer."), reverse("fees")
        )


DATA_USE = DataUse(
    gettext_lazy("Bills and money"),
    gettext_lazy("So that every payment is counted once, and the books are right."),
    gettext_lazy("The law keeps the books for 30 years; they stay without your name."),
    "fees_history",
    icon="receipt",
    position=20,
    open_matters=_open_matters,
)
