"""Access to the pages of tills: their shifts, receipts and series."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core.errors import Forbidden
from community.estates.models import Estate
from services.fees.models import IssuedReceipt, Shift
from services.fees.roles import CASHIERS, SEES_ALL_SHIFTS

View = Callable[..., HttpResponse]
SEES_SHIFTS = tuple({*CASHIERS, *SEES_ALL_SHIFTS})


def tills_only(view: View) -> View:
    """Requires a role that sees shifts in any estate; the view raises ``Forbidden`` without one."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not estates_of(request.user, *SEES_SHIFTS).exists():
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def chosen_till_estate(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    """Returns the estate that the page shows, and those to choose from."""
    return chosen_estate(request, estates_of(request.user, *SEES_SHIFTS))


def shift_of_staff(request: SignedInRequest, pk: int) -> Shift:
    """Returns a shift that the user may see; raises ``Http404`` for any other."""
    return get_object_or_404(
        Shift.objects.visible_to(request.user).select_related("estate", "cashier"), pk=pk
    )


def receipt_of_staff(request: SignedInRequest, pk: int) -> IssuedReceipt:
    """Returns a receipt of an estate with a role for fees; raises ``Http404`` for any other."""
    rows = IssuedReceipt.objects.visible_to(request.user).select_related("series", "payment")
    return get_object_or_404(rows, pk=pk)
