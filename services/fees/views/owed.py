"""What is owed, and paying it: what and how much → confirm → the provider → the payment's own page.

The 大字版 confirms only where something is paid ahead; else its one button begins the payment.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock, limits
from community.core.errors import ActionError
from community.core.limit_table import PAY
from community.core.paging import newest_first
from services.common.question_pages import page_key, row_key
from services.fees import actions, labels, providers, queries
from services.fees.acting_for import Household, read_household
from services.fees.models import Bill, Payment, PaymentLine
from services.fees.prepayment import homes_with_own, prepayment_of

WAITING_SHOWN = 3


@login_required
@require_GET
def owed(request: SignedInRequest) -> HttpResponse:
    """What is owed, home by home, what is late first; all of it is picked."""
    return render(request, "fees/owed.html", _owed(request, read_household(request, request.user)))


@login_required
@require_GET
def owed_live(request: SignedInRequest) -> HttpResponse:
    """The changing part of the page, as its open copies fetch it."""
    return render(request, "fees/owed_live.html", _owed(request, read_household(request, request.user)))


def _owed(request: SignedInRequest, found: Household) -> dict[str, Any]:
    open_bills = found.bills.open().with_lines().order_by("period", "pk")
    lived_in = {home.pk: home for home in found.homes}
    if found.is_own:
        lived_in |= {home.pk: home for home in homes_with_own(found.resident)}
    today = clock.today(clock.now())
    homes = queries.by_home(open_bills, lived_in.values(), today, reader=found.resident)
    owing = [one for one in homes if one.total_fen]
    shown = [one for one in owing if one.home == found.home] if request.GET.get("home") else owing
    return {
        "found": found,
        "homes": homes,
        "owing": shown,
        "waiting": Payment.objects.of_payer(found.resident)
        .waiting()
        .filter(payer=found.resident)
        .order_by("-created_at")[:WAITING_SHOWN],
        "family": queries.family_of(request.user) if found.is_own else (),
        "topics": [f"resident:{found.resident.pk}", *(f"bills:{one.home.pk}" for one in homes)],
        "key": uuid4(),
        "may_pay_here": bool(providers.names()),
    }


@login_required
@require_http_methods(["GET", "POST"])
def pay(request: SignedInRequest) -> HttpResponse:
    """What was picked, once more, with the way to pay; the answer begins the payment."""
    found = read_household(request, request.user)
    given = request.POST if request.method == "POST" else request.GET
    begun = Payment.objects.filter(key=page_key(request), made_by=request.user).first()
    if begun:
        return redirect("payment_go", pk=begun.pk)
    bills = _picked(found, given.getlist("bill"))
    if told := _cannot_pay(bills, given.getlist("bill")):
        return render(request, "fees/owed.html", _owed(request, found) | {"error": told}, status=422)
    error = ""
    if request.method == "POST":
        try:
            return _begin(request, found, bills)
        except ActionError as refusal:
            error = str(refusal.message)
    context = _confirmation(request, found, bills) | {"error": error}
    return render(request, "fees/pay.html", context, status=422 if error else 200)


def _cannot_pay(bills: list[Bill], named: Sequence[str]) -> str:
    if not bills:
        return _("These are paid already.") if named else _("Please pick at least one bill.")
    several = len({bill.home_id for bill in bills}) > 1
    return _("Please pay one home at a time.") if several else ""


def _picked(found: Household, named: Sequence[str]) -> list[Bill]:
    """The bills of these numbers that are still open; a foreign one is not found."""
    wanted = {row_key(one) for one in named}
    bills = {bill.pk: bill for bill in found.bills.filter(pk__in=wanted).with_lines()}
    for pk in wanted - set(bills):
        get_object_or_404(found.bills, pk=pk)
    return sorted(
        (bill for bill in bills.values() if bill.unpaid_fen), key=lambda bill: (bill.period, bill.pk)
    )


def _confirmation(request: HttpRequest, found: Household, bills: list[Bill]) -> dict[str, Any]:
    total = sum(bill.unpaid_fen for bill in bills)
    held = _covered_fen(found, bills)
    return {
        "found": found,
        "bills": bills,
        "home": bills[0].home,
        "total_fen": total,
        "held_fen": held,
        "rest_fen": total - held,
        "channels": [{"value": name, "label": labels.way(name)} for name in providers.names()],
        "chosen": request.POST.get("channel") or providers.default() or "",
        "key": request.POST.get("key") or uuid4(),
    }


def _covered_fen(found: Household, bills: list[Bill]) -> int:
    return prepayment_of(found.resident, bills[0].home).covers_fen(bills)


def _begin(request: SignedInRequest, found: Household, bills: list[Bill]) -> HttpResponse:
    """Begin the payment and go to the provider; with the prepayment alone it is paid at once.

    Without a provider it pays what is paid ahead, and the counter takes the rest.
    """
    shown, shown_held = request.POST.get("fen", ""), request.POST.get("held", "")
    uses = request.POST.get("use_prepayment") == "1"
    if shown and shown != str(sum(bill.unpaid_fen for bill in bills)):
        raise ActionError("amount_changed", _("What is owed has just changed. Please look again."))
    if uses and shown_held and shown_held != str(_covered_fen(found, bills)):
        raise ActionError("held_changed", _("What is paid ahead has just changed. Please look again."))
    limits.hit(PAY, request.user.pk)
    covered = _from_prepayment(found, bills) if uses and not providers.names() else {}
    payment = actions.begin_payment(
        actions.Checkout(
            bills=[bill for bill in bills if bill.pk in covered] if covered else bills,
            payer=found.resident,
            channel=request.POST.get("channel") or providers.default() or "",
            key=page_key(request),
            amounts=covered,
            use_prepayment=uses,
        ),
        by=request.user,
        now=clock.now(),
    )
    return redirect("payment_go", pk=payment.pk)


def _from_prepayment(found: Household, bills: list[Bill]) -> dict[int, int]:
    """Fen by the bill's key, of those that the prepayment pays, wholly or in part."""
    lines = [(bill, bill.unpaid_fen) for bill in bills]
    covered, _rest = prepayment_of(found.resident, bills[0].home).split(lines)
    return {bill.pk: fen for bill, fen in covered}


@login_required
@require_GET
def bill(request: SignedInRequest, pk: int) -> HttpResponse:
    """One bill: the sum that made it, and what was paid on it."""
    found = get_object_or_404(Bill.objects.visible_to(request.user).with_lines(), pk=pk)
    mine = Payment.objects.visible_to(request.user)
    lines = PaymentLine.objects.filter(bill=found, applied_fen__gt=0, payment__in=mine)
    is_own = Bill.objects.of_resident(request.user).filter(pk=pk).exists()
    context = {
        "bill": found,
        "lines": lines.select_related("payment").order_by("-payment__created_at"),
        "is_own": is_own,
        "may_pay": found.unpaid_fen and is_own,
    }
    return render(request, "fees/bill.html", context)


@login_required
@require_GET
def settled(request: SignedInRequest) -> HttpResponse:
    """Paid bills, the newest first."""
    found = read_household(request, request.user)
    paid = found.bills.filter(status=Bill.Status.SETTLED).with_lines()
    bills, older = newest_first(paid, before=request.GET.get("before", ""))
    return render(request, "fees/settled.html", {"found": found, "bills": bills, "older": older})


@login_required
@require_GET
def history(request: SignedInRequest) -> HttpResponse:
    """What was paid, the newest first."""
    found = read_household(request, request.user)
    estates = {home.estate.pk for home in found.homes}
    paid = Payment.objects.filter(payer=found.resident).exclude(status=Payment.Status.CLOSED)
    if not found.is_own:
        paid = paid.filter(estate__in=estates)
    rows, older = newest_first(
        paid.select_related("home__entrance__building", "made_by"), before=request.GET.get("before", "")
    )
    return render(request, "fees/history.html", {"found": found, "payments": rows, "older": older})
