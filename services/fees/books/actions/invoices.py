"""Invoices: asked for by residents, issued or refused by staff, reversed when the money went back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, sealed_files
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move, record_first_status
from community.notifications import outbox
from services.fees import policies
from services.fees.actions.reasons import check_reason
from services.fees.books.tax_numbers import is_tax_number, normal_tax_number
from services.fees.models import Bill, InvoiceLine, InvoiceRequest

Status = InvoiceRequest.Status
FOLDER = "invoices"
MAX_BYTES = 5 * 1024 * 1024
MAX_TITLE, MAX_NUMBER, MAX_BILLS = 100, 40, 100


@dataclass(frozen=True)
class InvoiceDetails:
    """To whom an invoice is made out: ``kind`` is an ``InvoiceRequest.Kind``; a company has a tax number."""

    kind: str
    title: str
    tax_number: str = ""
    email: str = ""


@dataclass(frozen=True)
class InvoiceFile:
    """The number of an invoice and its file, PDF or OFD."""

    number: str
    content: bytes


def request_invoice(
    *, resident: User, bills: Sequence[Bill], details: InvoiceDetails, by: User, now: datetime
) -> InvoiceRequest:
    """Asks for an invoice of paid bills of one home, and returns the request.

    Raises ``Forbidden`` for a resident for whom the user does not act, and ``ActionError`` with the field for
    no bill, bills of two homes, one that is not wholly paid or of another person, one that stands in an invoice
    already, also at the same moment, and wrong details.
    """
    if not bills:
        raise ActionError("no_bills", _("Please pick at least one bill."), field="bills")
    estates = {bill.estate_id for bill in bills}
    if not all(policies.may_pay_for(by, resident, estate) for estate in estates):
        raise Forbidden
    _check_bills(resident, bills)
    _check_details(details)
    first = bills[0]
    try:
        with transaction.atomic():
            request = InvoiceRequest.objects.create(
                estate=first.estate,
                home=first.home,
                resident=resident,
                made_by=by,
                kind=details.kind,
                title=details.title.strip(),
                tax_number=normal_tax_number(details.tax_number),
                email=details.email.strip(),
                amount_fen=sum(bill.amount_fen for bill in bills),
                status_changed_at=now,
                created_at=now,
            )
            record_first_status(request, by=by, now=now, on_behalf_of=resident)
            InvoiceLine.objects.bulk_create(
                InvoiceLine(request=request, bill=bill, amount_fen=bill.amount_fen)
                for bill in sorted(bills, key=lambda bill: bill.pk)
            )
            _record("fees.invoice_asked", request, by=by)
    except IntegrityError:
        raise _invoiced() from None
    return request


def _check_bills(resident: User, bills: Sequence[Bill]) -> None:
    keys = {bill.pk for bill in bills}
    if len({bill.home_id for bill in bills}) > 1:
        raise ActionError("two_homes", _("Please ask for one home at a time."), field="bills")
    if len(keys) > MAX_BILLS:
        raise ActionError("too_many", _("At most %(max)s bills at once.") % {"max": MAX_BILLS}, field="bills")
    paid = Bill.objects.of_resident(resident).filter(pk__in=keys, status=Bill.Status.SETTLED)
    if paid.count() < len(keys):
        raise ActionError("not_paid", _("Only wholly paid bills have an invoice."), field="bills")
    if InvoiceLine.objects.filter(bill__in=keys, is_live=True).exists():
        raise _invoiced()


def _invoiced() -> ActionError:
    return ActionError(
        "invoiced", _("One of these bills has an invoice already. Please look again."), field="bills"
    )


def _check_details(details: InvoiceDetails) -> None:
    if details.kind not in InvoiceRequest.Kind:
        raise ActionError("unknown_kind", _("Please choose whose title it is."), field="kind")
    title = details.title.strip()
    if not title:
        raise ActionError("title_missing", _("Please type the title."), field="title")
    if len(title) > MAX_TITLE:
        raise ActionError("too_long", _("Please keep it under 100 characters."), field="title")
    number = normal_tax_number(details.tax_number)
    if (number or details.kind == InvoiceRequest.Kind.COMPANY) and not is_tax_number(number):
        raise ActionError(
            "wrong_tax_number",
            _("This tax number is not right: 18 characters, as on the business licence."),
            field="tax_number",
        )
    try:
        if details.email.strip():
            validate_email(details.email.strip())
    except ValidationError:
        raise ActionError("wrong_email", _("This e-mail address is not right."), field="email") from None


def withdraw_invoice(*, request: InvoiceRequest, by: User, now: datetime) -> None:
    """Withdraws a request before staff have acted on it. Repeating it changes nothing.

    Raises ``Forbidden`` for whoever does not act for the resident, and ``AlreadyMoved`` once staff have acted.
    """
    if not policies.may_pay_for(by, request.resident, request.estate_id):
        raise Forbidden
    if request.status == Status.WITHDRAWN:
        return
    with transaction.atomic():
        move(request, Status.WITHDRAWN, by=by, now=now, on_behalf_of=request.resident)
        _release(request)
        _record("fees.invoice_withdrawn", request, by=by)


def issue_invoice(*, request: InvoiceRequest, file: InvoiceFile, by: User, now: datetime) -> None:
    """Stores the invoice, encrypted, and tells the resident. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` with the field for a file that is neither PDF nor OFD or too large, a
    missing or too long number and a bill that was paid back since, and ``AlreadyMoved`` for a request that was
    refused or withdrawn.
    """
    policies.require("issue_invoice", by, request.estate_id)
    if request.status == Status.ISSUED:
        return
    number, ending = file.number.strip(), _ending(file.content)
    if not number or len(number) > MAX_NUMBER:
        raise ActionError("number_missing", _("Please type the number of the invoice."), field="number")
    unpaid = request.lines.exclude(bill__status=Bill.Status.SETTLED)
    if unpaid.exists():
        raise ActionError("paid_back", _("A bill of this request was paid back. Please refuse it."))
    stored = sealed_files.keep(file.content, folder=FOLDER)
    try:
        with transaction.atomic():
            move(request, Status.ISSUED, by=by, now=now, number=number, stored=stored, ending=ending)
            _record("fees.invoice_issued", request, by=by, number=number)
            _tell(request, "invoice_issued", now=now)
    except Exception:
        sealed_files.discard(stored)
        raise


def _ending(content: bytes) -> str:
    """Returns ``pdf`` or ``ofd`` by the content of a file. Raises ``ActionError`` for any other."""
    if len(content) > MAX_BYTES:
        raise ActionError("too_large", _("This file is larger than 5 MB."), field="file")
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return "pdf"
    # The container of OFD (GB/T 33190) is a ZIP whose directory names this file.
    if content.startswith(b"PK\x03\x04") and b"OFD.xml" in content:
        return "ofd"
    raise ActionError("not_an_invoice", _("Please choose the invoice as PDF or OFD."), field="file")


def refuse_invoice(*, request: InvoiceRequest, reason: str, by: User, now: datetime) -> None:
    """Refuses a request with a reason and tells the resident; the bills can be asked for again.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` for a missing or too long reason, and
    ``AlreadyMoved`` for a request that was issued or withdrawn.
    """
    _close(request, Status.REFUSED, "fees.invoice_refused", reason=reason, by=by, now=now)


def reverse_invoice(*, request: InvoiceRequest, reason: str, by: User, now: datetime) -> None:
    """Records that an issued invoice was cancelled by a red one (红冲), and tells the resident.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` for a missing or too long reason, and
    ``AlreadyMoved`` for a request that was not issued.
    """
    _close(request, Status.REVERSED, "fees.invoice_reversed", reason=reason, by=by, now=now)


def _close(request: InvoiceRequest, status: str, act: str, *, reason: str, by: User, now: datetime) -> None:
    policies.require("issue_invoice", by, request.estate_id)
    check_reason(reason)
    if request.status == status:
        return
    with transaction.atomic():
        move(request, status, by=by, now=now, reason=reason.strip())
        _release(request)
        _record(act, request, by=by)
        _tell(request, act.removeprefix("fees."), now=now)


def _release(request: InvoiceRequest) -> None:
    """Lets the bills of a request stand in another one."""
    InvoiceLine.objects.filter(request=request).update(is_live=False)


def _tell(request: InvoiceRequest, template: str, *, now: datetime) -> None:
    outbox.queue_message(
        request.resident,
        template,
        key=f"invoice:{request.pk}:{template}",
        params={"fen": request.amount_fen},
        url=reverse("invoice", args=[request.pk]),
        now=now,
    )


def _record(act: str, request: InvoiceRequest, *, by: User, **detail: Any) -> None:
    audit.record(act, by=by, target=request, estate_id=request.estate_id, fen=request.amount_fen, **detail)
