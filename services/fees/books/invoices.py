"""Invoices for pages: bills that can have one, and the details of the last time."""

from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import User
from services.fees.models import Bill, BillQuerySet, InvoiceLine, InvoiceRequest


def invoiceable(bills: BillQuerySet) -> BillQuerySet:
    """Limits to wholly paid bills that stand in no invoice, the newest first."""
    invoiced = InvoiceLine.objects.filter(bill=OuterRef("pk"), is_live=True)
    paid = bills.filter(~Exists(invoiced), status=Bill.Status.SETTLED)
    return paid.with_lines().order_by("-period", "-pk")


def last_details(resident: User) -> dict[str, Any]:
    """Returns the details that the resident gave last, for the form; without a request, their name."""
    last = InvoiceRequest.objects.filter(resident=resident).order_by("-created_at", "-pk").first()
    if last is None:
        return {"kind": InvoiceRequest.Kind.PERSONAL, "title": resident.name}
    return {"kind": last.kind, "title": last.title, "tax_number": last.tax_number, "email": last.email}
