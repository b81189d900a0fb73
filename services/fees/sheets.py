"""Excel of the cashier's lists: what the page shows, for whoever may carry it away, and on record."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from accounts.http import SignedInRequest
from community.core import exports
from community.core.errors import Forbidden
from community.estates.models import Estate

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
    count: int,
) -> HttpResponse:
    """``name`` is that of the record; money stands in yuan, as numbers that add up."""
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
