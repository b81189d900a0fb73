"""Columns of fees that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

MONEY, BOOKS = Purpose.MONEY, Keep.BOOKS

ARREARS = (
    Columns("fees.hardship", ("reason",), Kind.WORDS, MONEY, Keep.MATTER, sensitive=True, encrypted=True),
    Columns("fees.arrearscall", ("words",), Kind.WORDS, MONEY, Keep.MATTER, sensitive=True, encrypted=True),
    Columns("fees.latefeewaiver", ("reason",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    Columns("fees.latefeewaiver", ("amount_fen", "lowered_fen"), Kind.MONEY, MONEY, BOOKS),
    Columns(
        "fees.dispute", ("words", "answer"), Kind.WORDS, MONEY, Keep.MATTER, sensitive=True, encrypted=True
    ),
)
BILLS = (
    OfNobody("fees.feeitem", ("name", "name_en"), "the catalogue"),
    OfNobody("fees.billingrun", ("rates",), "prices of a run"),
    # The home or the parking space that it is for.
    Columns("fees.bill", ("subject",), Kind.PLACE, MONEY, BOOKS),
    Columns("fees.bill", ("reference",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.bill", ("amount_fen", "paid_fen"), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.bill", ("words",), "what is billed, from the catalogue"),
    Columns("fees.billline", ("whole_fen", "amount_fen"), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.billline", ("words",), "what is billed, from the catalogue"),
    OfNobody("fees.meter", ("serial",), "a device"),
    OfNobody("fees.meterreading", ("decided_words",), "why a reading counts"),
    Columns("fees.feelisting", ("subject", "plate"), Kind.IDENTITY, MONEY, BOOKS),
    Columns("fees.reduction", ("reason",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    OfNobody("fees.sharedcost", ("words",), "what is shared, published"),
    OfNobody("fees.usageline", ("words",), "units of a tier"),
)
PAYMENTS = (
    Columns("fees.payment", ("reference", "provider_number"), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.payment", ("slip_number",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.payment", ("payer_name",), Kind.NAME, MONEY, BOOKS, sensitive=True, encrypted=True),
    Columns("fees.payment", ("amount_fen", "back_fen"), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.payment", ("channel",), "ways of paying"),
    Columns("fees.paymentline", ("amount_fen", "applied_fen", "back_fen"), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.providernotice", ("reference", "provider_number"), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.providernotice", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.providernotice", ("seen_words",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    OfNobody("fees.providernotice", ("provider",), "names of providers"),
    Columns("fees.deposit", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.deposit", ("words",), Kind.WORDS, MONEY, BOOKS),
    Columns("fees.refund", ("slip_number", "provider_number"), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.refund", ("payee_name",), Kind.NAME, MONEY, BOOKS, sensitive=True, encrypted=True),
    Columns("fees.refund", ("reason",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    Columns("fees.refund", ("amount_fen", "kept_fen"), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.refund", ("channel",), "ways of paying"),
    Columns("fees.refundline", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    Columns(
        "fees.invoicerequest", ("title", "email"), Kind.NAME, MONEY, BOOKS, sensitive=True, encrypted=True
    ),
    Columns(
        "fees.invoicerequest", ("tax_number",), Kind.IDENTITY, MONEY, BOOKS, sensitive=True, encrypted=True
    ),
    Columns("fees.invoicerequest", ("number",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.invoicerequest", ("stored",), Kind.PAPER, MONEY, BOOKS),
    Columns("fees.invoicerequest", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.invoicerequest", ("ending",), "kinds of files"),
    Columns("fees.invoiceline", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.receiptseries", ("prefix",), "letters of receipts"),
    Columns("fees.issuedreceipt", ("void_reason",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    Columns("fees.sandboxorder", ("order_number", "number", "return_url"), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.sandboxrefund", ("key", "number"), Kind.REFERENCE, MONEY, BOOKS),
)
BOOKED = (
    Columns("fees.account", ("key",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.account", ("held_fen",), Kind.MONEY, MONEY, BOOKS),
    OfNobody("fees.account", ("provider",), "names of providers"),
    Columns("fees.ledgertransaction", ("key",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.entry", ("amount_fen",), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.ledgerreversal", ("reason",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
    OfNobody("fees.closingsheet", ("figures", "digest"), "sums of an estate"),
    OfNobody("fees.banksheet", ("sha256",), "a checksum"),
    OfNobody("fees.merchantaccount", ("merchant_number", "app_id", "credentials"), "a company's"),
    Columns("fees.shift", ("float_fen", "expected_fen", "counted_fen"), Kind.MONEY, Purpose.OFFICE, BOOKS),
    OfNobody("fees.shift", ("pieces",), "counted notes and coins"),
    Columns("fees.bankedcash", ("slip_number",), Kind.REFERENCE, Purpose.OFFICE, BOOKS),
    Columns("fees.bankedcash", ("amount_fen",), Kind.MONEY, Purpose.OFFICE, BOOKS),
)
MATCHING = (
    # The whole statement of a bank or provider, with names of payers.
    Columns("fees.matchingday", ("packed",), Kind.PAPER, MONEY, BOOKS, sensitive=True, encrypted=True),
    OfNobody("fees.matchingday", ("provider", "sha256", "problems"), "numbers of lines, a checksum"),
    Columns(
        "fees.matchingline",
        ("party", "words"),
        Kind.NAME,
        MONEY,
        BOOKS,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "fees.matchingline", ("party_account",), Kind.IDENTITY, MONEY, BOOKS, sensitive=True, encrypted=True
    ),
    Columns(
        "fees.matchingline",
        ("order_number", "refund_number", "number", "key", "named_reference"),
        Kind.REFERENCE,
        MONEY,
        BOOKS,
    ),
    Columns("fees.matchingline", ("amount_fen", "fee_fen"), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.matchingdifference", ("key",), Kind.REFERENCE, MONEY, BOOKS),
    Columns("fees.matchingdifference", ("there_fen", "here_fen"), Kind.MONEY, MONEY, BOOKS),
    Columns("fees.matchingdifference", ("words",), Kind.WORDS, MONEY, BOOKS, sensitive=True, encrypted=True),
)
FUNDS = (
    OfNobody("fees.fundline", ("counterparty", "purpose", "ground_words"), "published to the owners"),
    OfNobody("fees.fundfile", ("picture", "sealed"), "papers of a spending, published to the owners"),
    Columns("fees.fundquestion", ("words",), Kind.WORDS, MONEY, Keep.MATTER, sensitive=True, encrypted=True),
    Columns("fees.fundquestion", ("answer",), Kind.WORDS, MONEY, Keep.MATTER, sensitive=True, encrypted=True),
)

COLUMNS = (*ARREARS, *BILLS, *PAYMENTS, *BOOKED, *MATCHING, *FUNDS)
