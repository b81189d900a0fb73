"""Personal data in the rows of fees."""

from community.core.services import Personal

PERSONAL = (
    Personal("fees.bill", about=("charged_to",)),
    Personal("fees.billchange", about=("bill__charged_to",), by=("actor", "on_behalf_of")),
    Personal("fees.billingrun", by=("begun_by",)),
    Personal("fees.billingrunchange", by=("actor", "on_behalf_of")),
    Personal("fees.billline", about=("bill__charged_to",)),
    Personal("fees.feelisting", by=("by",)),
    Personal("fees.reduction", by=("asked_by", "approved_by")),
    Personal("fees.opening", by=("made_by",)),
    Personal("fees.openingchange", by=("actor", "on_behalf_of")),
    Personal("fees.account", about=("person",)),
    Personal("fees.ledgertransaction", about=("entries__account__person",), by=("by",)),
    Personal("fees.entry", about=("account__person",)),
    Personal("fees.payment", about=("payer",), by=("made_by",)),
    Personal("fees.paymentchange", about=("payment__payer",), by=("actor", "on_behalf_of")),
    Personal("fees.paymentline", about=("payment__payer",)),
    Personal("fees.refund", about=("payment__payer",), by=("made_by", "approved_by")),
    Personal("fees.refundchange", about=("refund__payment__payer",), by=("actor", "on_behalf_of")),
    Personal("fees.latefeerule", by=("set_by",)),
    Personal("fees.latefeewaiver", about=("bill__charged_to",), by=("asked_by", "answered_by")),
    Personal("fees.latefeewaiverchange", about=("waiver__bill__charged_to",), by=("actor", "on_behalf_of")),
    Personal("fees.dispute", about=("raised_for",), by=("raised_by", "answered_by")),
    Personal("fees.disputechange", about=("dispute__raised_for",), by=("actor", "on_behalf_of")),
    Personal("fees.dunninground", by=("begun_by",)),
    Personal("fees.dunningroundchange", by=("actor", "on_behalf_of")),
    Personal("fees.dunningnotice", by=("by",)),
    Personal("fees.hardship", by=("by", "ended_by")),
    Personal("fees.arrearscall", by=("by",)),
    Personal("fees.providernotice", about=("payment__payer",), by=("seen_by",)),
)
