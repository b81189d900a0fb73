"""Excel of the cashier's lists: what the page shows, for whoever may carry it away, and on record."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook

from accounts.http import SignedInRequest
from community.core import audit
from community.core.errors import Forbidden
from community.core.exports import harmless
from community.estates.models import Estate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORT = "fees.export_payment"


def may_export(request: SignedInRequest, estate: Estate) -> bool:
    """Seeing the rows of an estate is not yet the right to carry them away."""
    return request.user.has_perm(EXPORT, estate.pk)  # type: ignore[arg-type]


def sheet(
    request: SignedInRequest,
    estate: Estate,
    *,
    name: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> HttpResponse:
    """``name`` is of the file and of the record; money stands in yuan, as numbers that add up."""
    if not may_export(request, estate):
        raise Forbidden
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    page.append([harmless(str(one)) for one in columns])
    count = 0
    for row in rows:
        page.append([harmless(one) for one in row])
        count += 1
    packed = io.BytesIO()
    book.save(packed)
    audit.record(f"export.{name}", by=request.user, estate_id=estate.pk, request=request, rows=count)
    response = HttpResponse(packed.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{estate.code}.xlsx"'
    return response


def yuan(fen: int) -> float:
    """For a cell: a number, so that a column can be summed up."""
    return fen / 100
