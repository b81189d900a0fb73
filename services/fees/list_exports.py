"""Excel exports of the cashier's lists: the rows of the page, for staff with the right, and recorded."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from accounts.http import SignedInRequest
from community.core import exports
from community.core.errors import Forbidden
from community.estates.models import Estate

EXPORT = "fees.export_payment"


def may_export(request: SignedInRequest, estate: Estate) -> bool:
    """Whether the user may download the rows of an estate; seeing them is a smaller right."""
    return request.user.has_perm(EXPORT, estate.pk)  # type: ignore[arg-type]


def list_sheet(
    request: SignedInRequest,
    estate: Estate,
    *,
    name: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    count: int,
) -> HttpResponse:
    """Returns the Excel file and records the download as ``name``; money in yuan, as numbers that add up.

    Raises ``Forbidden`` without the right to export.
    """
    if not may_export(request, estate):
        raise Forbidden
    order = exports.Order(
        file_name=f"{title}-{estate.name}",
        title=title,
        columns=columns,
        rows=rows,
        count=count,
        right=EXPORT,
        estates=[estate.pk],
    )
    return exports.sheet(request, name=name, order=order)
