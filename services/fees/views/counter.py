"""The cashier's counter: finds a home, takes cash for its bills, prints the receipt."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core import signing
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Residency, RosterEntry, User
from accounts.policies import estates_of, has_role
from accounts.queries import OF_LINE, OF_RESIDENCY
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.search.filtering import Ways, search_filter
from community.estates.models import Estate, Home
from community.notifications import live
from services.common.question_pages import page_key
from services.fees import actions, policies, providers, queries, receipt_rolls, receipts
from services.fees.actions.counter import AT_COUNTER
from services.fees.counter.actions import open_shift, remember_paper
from services.fees.counter.forms import OpenShiftForm, PaperForm
from services.fees.counter.queries import paper_of, receipts_left
from services.fees.forms.refunds import RefundForm
from services.fees.forms.staff import CHANGED, CounterForm, ReasonForm, SearchForm
from services.fees.matching.actions import settle_taken
from services.fees.matching.taking import fields_of, line_to_take
from services.fees.models import (
    Bill,
    Deposit,
    IssuedReceipt,
    MatchingDifference,
    Payment,
    ReceiptPaper,
    Shift,
)
from services.fees.prepayment import covered_fen, prepayment_accounts
from services.fees.roles import FEES_STAFF, SEES_ALL_SHIFTS
from services.fees.takings import takings
from services.fees.views.access import chosen_fees_estate, fees_staff_only, home_of_staff, homes_of_staff
from services.fees.views.payments import pdf_response
from services.fees.views.refunds import refund_rows
from services.fees.waits import at_counter

MAX_FOUND = 50
RECENT = 6
BY_HOME, BY_RESIDENT = Ways(homes=("pk",)), Ways(people=("user",))
# Fields of a posted form that were not typed by the cashier.
NOT_TYPED = ("csrfmiddlewaretoken", "yes", "no", "fen")
# Salt and seconds of the ticket with which a print fetches its sheet: long enough to print it.
TICKET, TICKET_SECONDS = "fees.print", 600


@fees_staff_only
@require_http_methods(["GET", "POST"])
def start(request: SignedInRequest) -> HttpResponse:
    """Shows the search and the day's takings. A search is posted, so that names appear in no address."""
    estate, estates = chosen_fees_estate(request)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "estate": estate, "estates": estates}
    if request.method == "POST" and form.is_valid():
        homes, former = search_homes(request.user, form.cleaned_data["words"])
        if len(homes) == 1 and not former:
            return redirect("fees_counter", homes[0].pk)
        rows = [(*row, former.get(row[0].pk, [])) for row in queries.homes_with_owed(homes)]
        context |= {"searched": True, "homes": rows}
    else:
        today = clock.today(clock.now())
        context |= {"takings": takings(estate, today), "today": today}
        context["topics"] = [actions.takings_topic(estate.pk)]
        context |= _till_context(request, estate)
        live.will_show(request.user, context["topics"])
    return render(request, "fees/staff/start.html", context, status=422 if form.errors else 200)


def _till_context(request: SignedInRequest, estate: Estate) -> dict[str, Any]:
    """Returns the person's open shift, and how many receipt numbers are left."""
    may_take = policies.may("take_payment", request.user, estate.pk)
    waits = at_counter(request.user, estate)
    return {
        "may_take": may_take,
        "may_reconcile": may_take,
        "to_check": waits.to_check,
        "open_differences": waits.differences if may_take else 0,
        "sees_shifts": may_take or has_role(request.user, estate.pk, *SEES_ALL_SHIFTS),
        "own_shift": Shift.objects.open_of(request.user, estate.pk) if may_take else None,
        "numbers_left": receipts_left(estate) if may_take else None,
        "funds_waiting": waits.in_funds,
    }


def search_homes(user: User, words: str) -> tuple[list[Home], dict[int, list[str]]]:
    """Returns the homes found by address or by a person, and by home the found people who have moved out.

    A person who has moved out may still owe something, or come for a receipt.
    """
    there = homes_of_staff(user)
    living = Residency.objects.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.ENDED])
    named = living.filter(home__in=there).filter(search_filter(words, OF_RESIDENCY))
    listed = RosterEntry.objects.filter(home__in=there).filter(search_filter(words, OF_LINE))
    of_people = Q(pk__in=named.values("home")) | Q(pk__in=listed.values("home"))
    homes = list(there.filter(search_filter(words, BY_HOME) | of_people).order_by("pk")[:MAX_FOUND])
    former: dict[int, list[str]] = {}
    by_person = living.filter(home__in=homes).filter(search_filter(words, BY_RESIDENT))
    for residency in by_person.filter(status=Residency.Status.ENDED).select_related("user").order_by("pk"):
        former.setdefault(residency.home_id, []).append(residency.user.name)
    return homes, former


@fees_staff_only
@require_http_methods(["GET", "POST"])
def counter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the open bills of a home; takes cash or prepayment after a confirmation page with the sum."""
    home = home_of_staff(request.user, pk)
    context = _counter_context(request, home)
    form: CounterForm = context["form"]
    if request.method == "GET":
        return render(request, "fees/staff/counter.html", context)
    policies.require("take_payment", request.user, home.estate.pk)
    made = Payment.objects.filter(key=page_key(request), made_by=request.user).first()
    if made is not None:
        return redirect("fees_payment", made.pk)
    if "open" in request.POST:
        return _open_shift(request, home, context)
    if "no" in request.POST:
        # Back to the form, with everything that was typed.
        return render(request, "fees/staff/counter.html", context)
    if not form.is_valid() or (context["needs_shift"] and not form.needs_no_till):
        # Without an open shift, the page offers to open one and keeps what was typed.
        return render(request, "fees/staff/counter.html", context, status=422)
    if request.POST.get("fen", str(form.total_fen)) != str(form.total_fen):
        # The confirmation page showed another sum than would be booked.
        form.add_error(None, CHANGED)
        return render(request, "fees/staff/counter.html", context, status=422)
    if "yes" not in request.POST and not form.is_by_code:
        return render(
            request, "fees/staff/counter_confirm.html", context | _confirmation_context(request, form)
        )
    try:
        payment = _take_payment(request, home, form)
    except ActionError as error:
        show_refusal(form, error)
        context["needs_shift"] = error.code == "no_shift"
        return render(request, "fees/staff/counter.html", context, status=422)
    if form.is_by_code:
        return redirect("fees_code", payment.pk)
    if context["difference"]:
        return _settle_line(request, context["difference"], payment)
    words = _("Paid from prepayment. Here is the receipt.")
    messages.success(request, words if form.is_from_prepayment else _("Taken. Here is the receipt."))
    return redirect("fees_payment", payment.pk)


def _settle_line(request: SignedInRequest, difference: MatchingDifference, payment: Payment) -> HttpResponse:
    """Makes the payment that of the line of the bank for which it was taken."""
    try:
        settle_taken(difference=difference, payment=payment, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Taken. The line of the bank has its payment."))
    return redirect("matching_day", difference.day_id)


def _open_shift(request: SignedInRequest, home: Home, context: dict[str, Any]) -> HttpResponse:
    """Opens a shift with the typed float, and shows the page again with everything else that was typed."""
    form = OpenShiftForm(request.POST)
    if form.is_valid():
        try:
            open_shift(
                estate=home.estate, float_fen=form.cleaned_data["float"], by=request.user, now=clock.now()
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The shift is open. Please go on."))
            context |= {"needs_shift": False}
    status = 422 if form.errors else 200
    return render(request, "fees/staff/counter.html", context | {"shift_form": form}, status=status)


def _confirmation_context(request: SignedInRequest, form: CounterForm) -> dict[str, Any]:
    """Returns the context of the confirmation page: the typed fields to send again, and the chosen bills."""
    amounts = form.cleaned_data["amounts"]
    return {
        "kept": [(name, value) for name, value in request.POST.items() if name not in NOT_TYPED],
        "chosen": [(bill, amounts[bill.pk]) for bill in form.bills if bill.pk in amounts],
    }


def _take_payment(request: SignedInRequest, home: Home, form: CounterForm) -> Payment:
    counter_payment = actions.CounterPayment(
        home=home,
        amounts=form.cleaned_data["amounts"],
        payer=form.resident,
        payer_name=form.name_of_payer,
        key=form.cleaned_data["key"],
        channel=form.cleaned_data["channel"],
        slip_number=form.cleaned_data["slip_number"],
    )
    by, now = request.user, clock.now()
    if form.is_from_prepayment:
        return actions.use_prepayment(counter_payment, by=by, now=now)
    extra_fen = form.cleaned_data["extra"] or 0
    if form.is_by_code:
        channel = next(iter(providers.names_for(home.estate, AT_COUNTER)), "")
        by_code = replace(counter_payment, channel=channel)
        return actions.begin_code_payment(by_code, extra_fen=extra_fen, by=by, now=now)
    return actions.take_payment(counter_payment, extra_fen=extra_fen, by=by, now=now)


@fees_staff_only
@require_GET
def counter_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch."""
    context = _counter_context(request, home_of_staff(request.user, pk))
    return render(request, "fees/staff/counter_live.html", context)


def _counter_context(request: SignedInRequest, home: Home) -> dict[str, Any]:
    bills = queries.open_bills(Bill.objects.filter(home=home))
    living = queries.residents_of(home)
    typed = request.POST if request.method == "POST" else None
    accounts = prepayment_accounts(home)
    lines = [(bill, bill.unpaid_fen) for bill in bills]
    may_take = policies.may("take_payment", request.user, home.estate.pk)
    difference = line_to_take(request, home)
    return {
        "difference": difference,
        "home": home,
        "estate": home.estate,
        "residents": [one.user for one in living],
        "form": CounterForm(
            typed,
            bills=bills,
            residents=living,
            roster=queries.roster_beside(home, living),
            accounts=accounts,
            initial={"key": uuid4(), **(fields_of(difference, bills, living) if difference else {})},
        ),
        "owed": queries.open_bills_by_home(bills, [home], clock.today(clock.now()))[0],
        "kept": [(account, covered_fen([account], lines)) for account in accounts],
        "payments": Payment.objects.filter(home=home)
        .exclude(status=Payment.Status.CLOSED)
        .select_related("payer")[:RECENT],
        "deposits": Deposit.objects.filter(home=home).held().with_row(),
        "may_take": may_take,
        "may_show_code": may_take and bool(providers.names_for(home.estate, AT_COUNTER)),
        "needs_shift": may_take and Shift.objects.open_of(request.user, home.estate.pk) is None,
        "shift_form": OpenShiftForm(),
    }


# -- A payment, for staff


def staff_payment(request: SignedInRequest, pk: int) -> Payment:
    """Returns a payment of an estate with a role for fees; raises ``Http404`` for any other."""
    rows = Payment.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF))
    related = ("home__entrance__building__estate", "estate", "payer", "made_by", "deposit__account")
    moved = ("moved_from__home__entrance__building", "moved_to__home__entrance__building")
    return get_object_or_404(rows.select_related(*related, *moved), pk=pk)


@fees_staff_only
@require_GET
def payment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a payment to staff."""
    return render(request, "fees/staff/payment.html", _payment_context(request, staff_payment(request, pk)))


def _payment_context(
    request: SignedInRequest, found: Payment, form: RefundForm | None = None
) -> dict[str, Any]:
    refunds = refund_rows(request, found.refunds.with_source())
    waits = any(row["waits"] for row in refunds)
    is_open = policies.can_be_paid_back(found) and not waits
    issued = IssuedReceipt.objects.filter(payment=found).select_related("series", "voided_by")
    may_void = policies.may("void_receipt", request.user, found.estate_id)
    return {
        "payment": found,
        "estate": found.estate,
        "voided": [one for one in issued if one.voided_at],
        "valid_receipt": next((one for one in issued if one.voided_at is None), None),
        "may_void": may_void,
        "void_form": ReasonForm(auto_id="void_%s"),
        "paper_form": PaperForm(initial={"paper": paper_of(request.user, found.estate_id)}),
        "receipt": receipts.receipt_of(found),
        "form": form or _refund_form(found),
        "refunds": refunds,
        "history": found.history.select_related("actor"),
        "may_print": policies.may("print_receipt", request.user, found.estate_id),
        "may_refund": is_open and policies.may_refund(request.user, found),
        "may_move": _may_move(request, found, waits),
    }


def _may_move(request: SignedInRequest, found: Payment, waits: bool) -> bool:
    has_money = found.channel != Payment.PREPAYMENT and bool(actions.movable_fen(found))
    return has_money and not waits and policies.may_move(request.user, found)


def _refund_form(found: Payment, typed: Any = None) -> RefundForm:
    lines = list(found.lines.select_related("bill__item").order_by("bill__period", "bill"))
    return RefundForm(typed, payment=found, lines=lines, initial={"key": uuid4()})


@fees_staff_only
@require_POST
def refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for a refund of a payment, of all that is left of it or of a part, with a reason."""
    found = staff_payment(request, pk)
    policies.require("refund", request.user, found.estate_id)
    form = _refund_form(found, request.POST)
    if form.is_valid():
        parts = actions.RefundParts(form.parts(), form.rest) if form.is_part else None
        try:
            actions.request_refund(
                payment=found,
                by=request.user,
                reason=form.cleaned_data["reason"],
                parts=parts,
                key=form.cleaned_data["key"],
                now=clock.now(),
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Somebody else has to agree first. They were told."))
            return redirect("fees_payment", pk)
    return render(request, "fees/staff/payment.html", _payment_context(request, found, form), status=422)


def _received_payment(request: SignedInRequest, pk: int) -> Payment:
    """Returns the payment; raises ``Http404`` for one that was never paid."""
    found = staff_payment(request, pk)
    if found.status not in Payment.RECEIVED:
        raise Http404
    return found


@fees_staff_only
@require_POST
def print_receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Records a print and redirects to its sheet, which is marked from the second print on.

    The chosen paper is remembered for the next print.
    """
    found = _received_payment(request, pk)
    form = PaperForm(request.POST)
    paper = form.cleaned_data["paper"] if form.is_valid() else ""
    if paper:
        remember_paper(estate=found.estate, paper=paper, by=request.user)
    again = actions.print_receipt(payment=found, by=request.user, now=clock.now())
    ticket = signing.dumps([found.pk, request.user.pk, again], salt=TICKET)
    paper = paper or paper_of(request.user, found.estate_id)
    return redirect(f"{reverse('fees_receipt', args=[pk])}?{urlencode({'print': ticket, 'paper': paper})}")


@fees_staff_only
@require_GET
def receipt_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the sheet of a print, however often a viewer fetches it; without a ticket, a copy."""
    found = _received_payment(request, pk)
    again = _is_reprint(request, found)
    is_roll = request.GET.get("paper") == ReceiptPaper.Paper.ROLL
    make = receipt_rolls.receipt_roll if is_roll else receipts.receipt_pdf
    return pdf_response(make(found, is_reprint=bool(again), is_copy=again is None), found)


def _is_reprint(request: SignedInRequest, found: Payment) -> bool | None:
    """Whether the ticket is of a reprint; None without a valid ticket of this user."""
    try:
        pk, user, again = signing.loads(request.GET.get("print", ""), salt=TICKET, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    return bool(again) if (pk, user) == (found.pk, request.user.pk) else None
