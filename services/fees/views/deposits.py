"""Pages of deposits: taken at the counter, listed with what is held, paid back; and the resident's own."""

from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import Residency, User
from community.core import clock, exports
from community.core.errors import ActionError, Forbidden, show_refusal
from community.core.paging import newest_first
from community.estates.models import Estate, Home
from services.common.question_pages import page_key
from services.fees import actions, list_exports, policies, receipts
from services.fees.acting_for import read_household
from services.fees.forms.refunds import DepositBackForm, DepositFilters, DepositForm
from services.fees.models import Deposit, Payment, Refund
from services.fees.views.access import chosen_fees_estate, fees_staff_only, home_of_staff, homes_of_staff
from services.fees.views.refunds import payout_of, refund_rows

PAGE_SIZE = 50
# The payments from and to which the payment of a deposit was moved, with their homes.
MOVED = ("payment__moved_from__home__entrance__building", "payment__moved_to__home__entrance__building")


def residents_of(home: Home) -> list[User]:
    """Returns the people who live in a home."""
    living = Residency.objects.active().filter(home=home)
    return list(User.objects.filter(pk__in=living.values("user")).order_by("pk"))


@fees_staff_only
@require_http_methods(["GET", "POST"])
def take(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a deposit for a home: asks, shows it for a yes, and leads to the receipt."""
    home = home_of_staff(request.user, pk)
    policies.require("take_payment", request.user, home.estate.pk)
    typed = request.POST if request.method == "POST" else None
    if typed and (made := Deposit.objects.filter(payment__key=page_key(request), home=home).first()):
        return redirect("fees_payment", made.payment_id)
    initial = {"key": uuid4(), "kind": Deposit.Kind.FIT_OUT, "channel": "cash"}
    form = DepositForm(typed, residents=residents_of(home), initial=initial)
    context = {"home": home, "estate": home.estate, "form": form}
    if typed is None or "no" in typed:
        return render(request, "fees/staff/deposit_take.html", context)
    if not form.is_valid():
        return render(request, "fees/staff/deposit_take.html", context, status=422)
    if "yes" not in typed:
        return render(request, "fees/staff/deposit_confirm.html", context)
    try:
        deposit = actions.take_deposit(_taken(home, form), by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return render(request, "fees/staff/deposit_take.html", context, status=422)
    messages.success(request, _("Taken. Here is the receipt."))
    return redirect("fees_payment", deposit.payment_id)


def _taken(home: Home, form: DepositForm) -> actions.DepositTaken:
    given = form.cleaned_data
    return actions.DepositTaken(
        kind=given["kind"],
        words=given["words"],
        amount_fen=given["amount"],
        paid=actions.CounterPayment(
            home=home,
            amounts={},
            payer=form.resident,
            payer_name=form.name,
            key=given["key"],
            channel=given["channel"],
            slip_number=given["slip_number"],
        ),
    )


@fees_staff_only
@require_GET
def deposits(request: SignedInRequest) -> HttpResponse:
    """Shows the deposits of an estate, those that are held or all, the newest first."""
    estate, estates = chosen_fees_estate(request)
    filters = DepositFilters(request.GET or None)
    rows = _filtered(estate, filters)
    found, older = newest_first(rows.with_row(), before=request.GET.get("before", ""), size=PAGE_SIZE)  # type: ignore[attr-defined]
    sums = _sums(estate)
    query = urlencode({"estate": estate.pk, **(filters.valid_filters() if filters.is_bound else {})})
    context = {
        "estate": estate,
        "estates": estates,
        "filters": filters,
        "deposits": found,
        "sums": sums,
        "total_fen": sum(fen for _kind, fen in sums),
        "query": query,
        "next_url": f"?{query}&before={older}" if older else "",
        "may_export": list_exports.may_export(request, estate),
    }
    return render(request, "fees/staff/deposits.html", context)


def _filtered(estate: Estate, filters: DepositFilters) -> QuerySet[Deposit]:
    chosen = filters.valid_filters() if filters.is_bound else {}
    rows = Deposit.objects.filter(estate=estate)
    if chosen.get("kind"):
        rows = rows.filter(kind=chosen["kind"])
    return rows if chosen.get("state") == DepositFilters.ALL else rows.held()


def _sums(estate: Estate) -> list[tuple[str, int]]:
    """Returns the held fen of the estate by kind, without kinds of which nothing is held."""
    held = Deposit.objects.filter(estate=estate).held().order_by()
    fen = dict(held.values("kind").annotate(fen=Sum("account__held_fen")).values_list("kind", "fen"))
    return [(str(kind.label), fen[kind.value]) for kind in Deposit.Kind if kind.value in fen]


@fees_staff_only
@require_GET
def deposits_sheet(request: SignedInRequest) -> HttpResponse:
    """Downloads the deposits of the list as an Excel file."""
    estate, _estates = chosen_fees_estate(request)
    rows = _filtered(estate, DepositFilters(request.GET or None))
    columns = (
        *(_("Home"), _("For what"), _("Card, plate or firm"), _("Payer"), _("Date"), _("No.")),
        *(_("Amount (yuan)"), _("Held (yuan)")),
    )
    return list_exports.list_sheet(
        request,
        estate,
        name="deposits",
        title=_("Deposits"),
        columns=columns,
        rows=(
            (
                str(deposit.home),
                deposit.get_kind_display(),
                deposit.words,
                receipts.payer_name(deposit.payment),
                deposit.created_at,
                deposit.payment.reference,
                exports.hundredths(deposit.amount_fen),
                exports.hundredths(deposit.held_fen),
            )
            for deposit in rows.with_row().order_by("created_at", "pk")  # type: ignore[attr-defined]
        ),
        count=rows.count(),
    )


@fees_staff_only
@require_http_methods(["GET", "POST"])
def deposit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a deposit to staff; a POST asks that it is paid back, whole or in part."""
    rows = (
        Deposit.objects.filter(home__in=homes_of_staff(request.user))
        .with_row()
        .select_related("payment__made_by", *MOVED)
    )
    found = get_object_or_404(rows, pk=pk)
    typed = request.POST if request.method == "POST" else None
    initial = {
        "key": uuid4(),
        "amount": found.held_fen,
        "channel": found.payment.origin.channel,
        "payee_name": receipts.payer_name(found.payment),
    }
    form = DepositBackForm(typed, deposit=found, initial=initial)
    if form.is_bound:
        policies.require("refund", request.user, found.estate_id)
        if not policies.may_return(request.user, found):
            raise Forbidden
        if form.is_valid() and _ask_back(request, found, form):
            messages.success(request, _("Somebody else has to agree first. They were told."))
            return redirect("fees_deposit", pk)
    waits = found.refunds.filter(status=Refund.Status.ASKED).exists()
    context = {
        "deposit": found,
        "estate": found.estate,
        "form": form,
        "refunds": refund_rows(request, Refund.objects.filter(deposit=found).with_source()),
        "may_return": found.held_fen and not waits and policies.may_return(request.user, found),
        "may_move": found.held_fen == found.amount_fen
        and not waits
        and policies.may_move(request.user, found.payment),
    }
    return render(request, "fees/staff/deposit.html", context, status=422 if form.errors else 200)


def _ask_back(request: SignedInRequest, found: Deposit, form: DepositBackForm) -> bool:
    """Asks for it; returns False and adds the refusal to the form if it is refused."""
    given = form.cleaned_data
    try:
        actions.ask_deposit_back(
            deposit=found,
            payout=payout_of(form),
            deduction=actions.Deduction(given["kept"] or 0, given["kept_item"]),
            by=request.user,
            now=clock.now(),
        )
    except ActionError as error:
        show_refusal(form, error)
        return False
    return True


# -- For residents


@login_required
@require_GET
def own_deposits(request: SignedInRequest) -> HttpResponse:
    """Shows a resident's deposits, the newest first."""
    household = read_household(request, request.user)
    rows = Deposit.objects.of_payer(household.resident)
    if not household.is_own:
        rows = rows.visible_to(request.user).filter(estate__in={home.estate.pk for home in household.homes})
    found, older = newest_first(rows.with_row(), before=request.GET.get("before", ""))
    return render(request, "fees/deposits.html", {"found": household, "deposits": found, "older": older})


@login_required
@require_GET
def own_deposit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one deposit with what was paid back of it."""
    found = get_object_or_404(Deposit.objects.visible_to(request.user).with_row(), pk=pk)
    context = {
        "deposit": found,
        "refunds": found.refunds.exclude(status=Refund.Status.DECLINED),
        "sees_receipt": Payment.objects.visible_to(request.user).filter(pk=found.payment_id).exists(),
    }
    return render(request, "fees/deposit.html", context)
