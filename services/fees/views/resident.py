"""Pages of open bills and of paying: choose bills → confirm → the provider → the payment's page.

The 大字版 confirms only if there is a prepayment; else its one button begins the payment.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from community.core import clock, limits
from community.core.errors import ActionError
from community.core.limit_table import PAY
from community.core.paging import newest_first
from community.estates.models import Home
from community.notifications.topics import estate_topic
from services.common.question_pages import page_key, row_key
from services.fees import actions, labels, providers, queries
from services.fees.acting_for import Household, read_household
from services.fees.bill_matters import matters_of
from services.fees.clients import client_of
from services.fees.models import Bill, Payment, PaymentLine
from services.fees.prepayment import prepayment_of, prepayments_of
from services.fees.providers.base import Client

WAITING_SHOWN = 3


@login_required
@require_GET
def owed(request: SignedInRequest) -> HttpResponse:
    """Shows open bills by home, those in arrears first; all are chosen."""
    return render(request, "fees/owed.html", _owed_context(request, read_household(request, request.user)))


@login_required
@require_GET
def owed_live(request: SignedInRequest) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch."""
    return render(
        request, "fees/owed_live.html", _owed_context(request, read_household(request, request.user))
    )


def _owed_context(request: SignedInRequest, household: Household) -> dict[str, Any]:
    lived_in = {home.pk: home for home in household.homes}
    prepaid = prepayments_of(household.resident)
    elsewhere = [pk for pk, one in prepaid.items() if one.own_fen and pk not in lived_in]
    if household.is_own and elsewhere:
        lived_in |= {home.pk: home for home in Home.objects.with_address().filter(pk__in=elsewhere)}
    bills, today = queries.open_bills(household.bills), clock.today(clock.now())
    homes = queries.open_bills_by_home(bills, lived_in.values(), today, prepaid=prepaid)
    beside = queries.beside_bills(household.resident, lived_in)
    owing = [home_owed for home_owed in homes if home_owed.total_fen]
    _add_ways(owing, client_of(request))
    shown = (
        [home_owed for home_owed in owing if home_owed.home == household.home]
        if request.GET.get("home")
        else owing
    )
    return {
        "found": household,
        "homes": homes,
        "owing": shown,
        "waiting": _waiting_of(household.resident) if beside.has_waiting else (),
        "family": queries.residents_to_pay_for(request.user) if household.is_own else (),
        "topics": [
            f"resident:{household.resident.pk}",
            *(f"bills:{home_owed.home.pk}" for home_owed in homes),
            # The bills of a month, which a run makes for all homes at once.
            *{estate_topic(home_owed.home.entrance.building.estate_id) for home_owed in homes},
        ],
        "has_meters": beside.has_meters,
        "key": uuid4(),
        **_family_pays(household),
        "has_deposits": beside.has_deposits,
    }


def _waiting_of(resident: User) -> QuerySet[Payment]:
    return Payment.objects.waiting().filter(payer=resident).order_by("-created_at")[:WAITING_SHOWN]


def _add_ways(owing: list[queries.HomeOwed], client: Client) -> None:
    estates = {one.home.estate.pk: one.home.estate for one in owing}
    ways = {pk: providers.names_for(estate, client) for pk, estate in estates.items()}
    for one in owing:
        one.ways = {name: labels.way(name) for name in ways[one.home.estate.pk]}


def _family_pays(household: Household) -> dict[str, str]:
    """Returns the address at which a resident asks the family to pay, instead of the frame's to ask for help."""
    if not household.is_own:
        return {}
    asks = reverse("handover") + "?" + urlencode({"path": reverse("fees")})
    return {"family_pays_url": asks, "handover_url": ""}


@login_required
@require_http_methods(["GET", "POST"])
def pay(request: SignedInRequest) -> HttpResponse:
    """Shows the chosen bills with the ways to pay; a POST begins the payment."""
    household = read_household(request, request.user)
    given = request.POST if request.method == "POST" else request.GET
    payment = Payment.objects.filter(key=page_key(request), made_by=request.user).first()
    if payment:
        return redirect("payment_go", pk=payment.pk)
    bills = _chosen_bills(household, given.getlist("bill"))
    if problem := _refusal_of_choice(bills, given.getlist("bill")):
        return render(
            request, "fees/owed.html", _owed_context(request, household) | {"error": problem}, status=422
        )
    error = ""
    if request.method == "POST":
        try:
            return _begin_payment(request, household, bills)
        except ActionError as refusal:
            error = str(refusal.message)
    context = _confirmation_context(request, household, bills) | {"error": error}
    return render(request, "fees/pay.html", context, status=422 if error else 200)


def _refusal_of_choice(bills: list[Bill], named: Sequence[str]) -> str:
    if not bills:
        return _("These are paid already.") if named else _("Please pick at least one bill.")
    several = len({bill.home_id for bill in bills}) > 1
    return _("Please pay one home at a time.") if several else ""


def _chosen_bills(household: Household, named: Sequence[str]) -> list[Bill]:
    """Returns the open bills with these keys; raises ``Http404`` for another person's bill."""
    keys = {row_key(key) for key in named}
    bills = {bill.pk: bill for bill in household.bills.filter(pk__in=keys).with_lines()}
    for pk in keys - set(bills):
        get_object_or_404(household.bills, pk=pk)
    return sorted(
        (bill for bill in bills.values() if bill.unpaid_fen), key=lambda bill: (bill.period, bill.pk)
    )


def _confirmation_context(request: HttpRequest, household: Household, bills: list[Bill]) -> dict[str, Any]:
    total = sum(bill.unpaid_fen for bill in bills)
    held = _covered_fen(household, bills)
    ways = _ways(request, bills)
    return {
        "found": household,
        "bills": bills,
        "home": bills[0].home,
        "total_fen": total,
        "held_fen": held,
        "rest_fen": total - held,
        "channels": [{"value": name, "label": labels.way(name)} for name in ways],
        "chosen": request.POST.get("channel") or next(iter(ways), ""),
        "key": request.POST.get("key") or uuid4(),
    }


def _ways(request: HttpRequest, bills: list[Bill]) -> list[str]:
    """Returns the providers by which these bills can be paid in this browser, the default first."""
    return providers.names_for(bills[0].home.estate, client_of(request))


def _covered_fen(household: Household, bills: list[Bill]) -> int:
    return prepayment_of(household.resident, bills[0].home).covers_fen(bills)


def _begin_payment(request: SignedInRequest, household: Household, bills: list[Bill]) -> HttpResponse:
    """Begins the payment and redirects to the provider; a payment from prepayment alone is paid at once.

    Without a provider, it pays what the prepayment covers; the rest is paid at the counter. Raises
    ``ActionError`` if the amounts have changed since they were shown.
    """
    shown, shown_held = request.POST.get("fen", ""), request.POST.get("held", "")
    uses = request.POST.get("use_prepayment") == "1"
    if shown and shown != str(sum(bill.unpaid_fen for bill in bills)):
        raise ActionError("amount_changed", _("What is owed has just changed. Please look again."))
    if uses and shown_held and shown_held != str(_covered_fen(household, bills)):
        raise ActionError("held_changed", _("What is paid ahead has just changed. Please look again."))
    limits.hit(PAY, request.user.pk)
    ways = _ways(request, bills)
    covered = _covered_by_bill(household, bills) if uses and not ways else {}
    payment = actions.begin_payment(
        actions.Checkout(
            bills=[bill for bill in bills if bill.pk in covered] if covered else bills,
            payer=household.resident,
            channel=request.POST.get("channel") or next(iter(ways), ""),
            key=page_key(request),
            amounts=covered,
            use_prepayment=uses,
        ),
        by=request.user,
        now=clock.now(),
    )
    return redirect("payment_go", pk=payment.pk)


def _covered_by_bill(household: Household, bills: list[Bill]) -> dict[int, int]:
    """Returns the fen that the prepayment covers by the bill's key, in part too."""
    lines = [(bill, bill.unpaid_fen) for bill in bills]
    covered, _rest = prepayment_of(household.resident, bills[0].home).split(lines)
    return {bill.pk: fen for bill, fen in covered}


@login_required
@require_GET
def bill(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one bill with its computation and its payments."""
    found = get_object_or_404(Bill.objects.visible_to(request.user).with_lines(), pk=pk)
    mine = Payment.objects.visible_to(request.user)
    lines = PaymentLine.objects.filter(bill=found, applied_fen__gt=0, payment__in=mine)
    is_own = Bill.objects.of_resident(request.user).filter(pk=pk).exists()
    is_household = is_own or Bill.objects.of_household(request.user).filter(pk=pk).exists()
    context = {
        "bill": found,
        "lines": lines.select_related("payment").order_by("-payment__created_at"),
        "is_own": is_own,
        "may_pay": found.unpaid_fen and is_own,
        "is_household": is_household,
        "matters": matters_of(found, request.user, is_own=is_household),
    }
    return render(request, "fees/bill.html", context)


@login_required
@require_GET
def settled(request: SignedInRequest) -> HttpResponse:
    """Shows paid bills, the newest first."""
    household = read_household(request, request.user)
    paid = household.bills.filter(status=Bill.Status.SETTLED).with_lines()
    bills, older = newest_first(paid, before=request.GET.get("before", ""))
    return render(request, "fees/settled.html", {"found": household, "bills": bills, "older": older})


@login_required
@require_GET
def history(request: SignedInRequest) -> HttpResponse:
    """Shows payments, the newest first."""
    household = read_household(request, request.user)
    estates = {home.estate.pk for home in household.homes}
    paid = Payment.objects.filter(payer=household.resident).exclude(status=Payment.Status.CLOSED)
    if not household.is_own:
        paid = paid.filter(estate__in=estates)
    rows, older = newest_first(
        paid.select_related("home__entrance__building", "made_by"), before=request.GET.get("before", "")
    )
    return render(request, "fees/history.html", {"found": household, "payments": rows, "older": older})
