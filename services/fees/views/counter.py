"""The cashier's counter: find a home, take cash for its bills, print the receipt."""

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
from accounts.policies import estates_of
from accounts.queries import OF_LINE, OF_RESIDENCY
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.search.filtering import Ways, search_filter
from community.estates.models import Home
from services.common.question_pages import page_key
from services.fees import actions, policies, queries, receipts
from services.fees.forms.staff import CHANGED, CounterForm, DeclineForm, ReasonForm, SearchForm
from services.fees.models import Bill, Payment, Refund
from services.fees.prepayment import kept_in_home
from services.fees.roles import COUNTING
from services.fees.views.access import counted_estate, counted_home, counted_homes, counting_only
from services.fees.views.payments import pdf_response

MOST_FOUND = 50
RECENT = 6
AT_HOME, OF_PERSON_THERE = Ways(homes=("pk",)), Ways(people=("user",))
# Of a form that is posted, what is not typed into it.
OF_THE_PAGE = ("csrfmiddlewaretoken", "yes", "no", "fen")
# What a print gives to fetch its own sheet with, for as long as a person needs to print it.
TICKET, TICKET_SECONDS = "fees.print", 600


@counting_only
@require_http_methods(["GET", "POST"])
def start(request: SignedInRequest) -> HttpResponse:
    """Whom to look for, and the day so far. A search is posted, so that names stand in no address."""
    estate, estates = counted_estate(request)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "estate": estate, "estates": estates}
    if request.method == "POST" and form.is_valid():
        homes, former = _found(request.user, form.cleaned_data["words"])
        if len(homes) == 1 and not former:
            return redirect("fees_counter", homes[0].pk)
        rows = [(*row, former.get(row[0].pk, [])) for row in queries.homes_with_owed(homes)]
        context |= {"searched": True, "homes": rows}
    else:
        today = clock.today(clock.now())
        context |= {"takings": queries.takings(estate, today), "today": today}
        context["to_check"] = queries.to_check([estate])
        context["topics"] = [actions.takings_topic(estate.pk)]
    return render(request, "fees/staff/start.html", context, status=422 if form.errors else 200)


def _found(user: User, words: str) -> tuple[list[Home], dict[int, list[str]]]:
    """The homes that are meant, by address or by somebody there; and by home who of those has moved out.

    A person who has moved out may still owe something, or come for a receipt.
    """
    there = counted_homes(user)
    living = Residency.objects.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.ENDED])
    named = living.filter(home__in=there).filter(search_filter(words, OF_RESIDENCY))
    listed = RosterEntry.objects.filter(home__in=there).filter(search_filter(words, OF_LINE))
    of_people = Q(pk__in=named.values("home")) | Q(pk__in=listed.values("home"))
    homes = list(there.filter(search_filter(words, AT_HOME) | of_people).order_by("pk")[:MOST_FOUND])
    former: dict[int, list[str]] = {}
    by_person = living.filter(home__in=homes).filter(search_filter(words, OF_PERSON_THERE))
    for residency in by_person.filter(status=Residency.Status.ENDED).select_related("user").order_by("pk"):
        former.setdefault(residency.home_id, []).append(residency.user.name)
    return homes, former


@counting_only
@require_http_methods(["GET", "POST"])
def counter(request: SignedInRequest, pk: int) -> HttpResponse:
    """The open bills of a home; cash, or what is paid ahead, is taken after the sum was shown once more."""
    home = counted_home(request.user, pk)
    context = _context(request, home)
    form: CounterForm = context["form"]
    if request.method == "GET":
        return render(request, "fees/staff/counter.html", context)
    policies.require("take_cash", request.user, home.estate.pk)
    made = Payment.objects.filter(key=page_key(request), made_by=request.user).first()
    if made is not None:
        return redirect("fees_payment", made.pk)
    if "no" in request.POST:
        # Back, with everything that was typed.
        return render(request, "fees/staff/counter.html", context)
    if form.is_valid() and request.POST.get("fen", str(form.total_fen)) != str(form.total_fen):
        # The page that asked showed another sum than would be booked.
        form.add_error(None, CHANGED)
    if not form.is_valid():
        return render(request, "fees/staff/counter.html", context, status=422)
    if "yes" not in request.POST:
        return render(request, "fees/staff/counter_confirm.html", context | _once_more(request, form))
    try:
        payment = _take(request, home, form)
    except ActionError as error:
        show_refusal(form, error)
        return render(request, "fees/staff/counter.html", context, status=422)
    words = _("Paid from prepayment. Here is the receipt.")
    messages.success(request, words if form.is_from_prepayment else _("Taken. Here is the receipt."))
    return redirect("fees_payment", payment.pk)


def _once_more(request: SignedInRequest, form: CounterForm) -> dict[str, Any]:
    """What was typed, to be sent once more with the yes, and what it means."""
    amounts = form.cleaned_data["amounts"]
    return {
        "kept": [(name, value) for name, value in request.POST.items() if name not in OF_THE_PAGE],
        "chosen": [(bill, amounts[bill.pk]) for bill in form.bills if bill.pk in amounts],
    }


def _take(request: SignedInRequest, home: Home, form: CounterForm) -> Payment:
    asked = actions.CounterPayment(
        home=home,
        amounts=form.cleaned_data["amounts"],
        payer=form.resident,
        payer_name="" if form.resident else form.cleaned_data["payer_name"],
        key=form.cleaned_data["key"],
    )
    by, now = request.user, clock.now()
    if form.is_from_prepayment:
        return actions.use_prepayment(asked, by=by, now=now)
    return actions.take_cash(asked, extra_fen=form.cleaned_data["extra"] or 0, by=by, now=now)


@counting_only
@require_GET
def counter_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page, as its open copies fetch it."""
    context = _context(request, counted_home(request.user, pk))
    return render(request, "fees/staff/counter_live.html", context)


def _context(request: SignedInRequest, home: Home) -> dict[str, Any]:
    bills = list(Bill.objects.filter(home=home).open().with_lines().order_by("period", "pk"))
    living = Residency.objects.active().filter(home=home)
    residents = list(User.objects.filter(pk__in=living.values("user")).order_by("name", "pk"))
    typed = request.POST if request.method == "POST" else None
    kept = kept_in_home(home)
    return {
        "home": home,
        "estate": home.estate,
        "residents": residents,
        "form": CounterForm(typed, bills=bills, residents=residents, kept=kept, initial={"key": uuid4()}),
        "owed": queries.by_home(bills, [home], clock.today(clock.now()))[0],
        "kept": kept,
        "payments": Payment.objects.filter(home=home)
        .exclude(status=Payment.Status.CLOSED)
        .select_related("payer")[:RECENT],
        "may_take": policies.may("take_cash", request.user, home.estate.pk),
    }


# -- A payment, for those who count the money


def _payment(request: SignedInRequest, pk: int) -> Payment:
    rows = Payment.objects.filter(estate__in=estates_of(request.user, *COUNTING))
    people = ("payer", "made_by", "refund__made_by", "refund__approved_by")
    related = ("home__entrance__building__estate", "estate", *people)
    return get_object_or_404(rows.select_related(*related), pk=pk)


@counting_only
@require_GET
def payment(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "fees/staff/payment.html", _about(request, _payment(request, pk), ReasonForm()))


def _about(request: SignedInRequest, found: Payment, form: ReasonForm) -> dict[str, Any]:
    waits = hasattr(found, "refund") and found.refund.status == Refund.Status.ASKED
    return {
        "payment": found,
        "estate": found.estate,
        "receipt": receipts.read(found),
        "form": form,
        "history": found.history.select_related("actor"),
        "may_print": policies.may("print_receipt", request.user, found.estate_id),
        "may_refund": not waits
        and policies.can_be_paid_back(found)
        and policies.may_refund(request.user, found),
        "waits": waits,
        "may_approve": waits and policies.may_approve(request.user, found.refund),
        "may_decline": waits and policies.may("refund", request.user, found.estate_id),
        "decline_form": DeclineForm(of=found.pk),
    }


@counting_only
@require_http_methods(["POST"])
def refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pay all of it back, with a reason; cash waits for a second person."""
    found = _payment(request, pk)
    policies.require("refund", request.user, found.estate_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            made = actions.ask_back(payment=found, by=request.user, reason=reason, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _said_of(made))
            return redirect("fees_payment", pk)
    return render(request, "fees/staff/payment.html", _about(request, found, form), status=422)


def _said_of(made: Refund) -> str:
    if made.status == Refund.Status.ASKED:
        return _("Somebody else has to agree first. They were told.")
    return _("Paid back. Its bills are open again.")


def _received(request: SignedInRequest, pk: int) -> Payment:
    found = _payment(request, pk)
    if found.status not in (Payment.Status.PAID, Payment.Status.REFUNDED):
        raise Http404
    return found


@counting_only
@require_POST
def print_receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Print it, to be handed out: from the second print on it says so. Then to the sheet itself."""
    found = _received(request, pk)
    again = actions.print_receipt(payment=found, by=request.user, now=clock.now())
    ticket = signing.dumps([found.pk, request.user.pk, again], salt=TICKET)
    return redirect(f"{reverse('fees_receipt', args=[pk])}?{urlencode({'print': ticket})}")


@counting_only
@require_GET
def receipt_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sheet of a print, however often a viewer fetches it; to anybody else a copy to look at."""
    found = _received(request, pk)
    again = _of_print(request, found)
    return pdf_response(receipts.receipt_pdf(found, is_reprint=bool(again), is_copy=again is None), found)


def _of_print(request: SignedInRequest, found: Payment) -> bool | None:
    """Whether this print of theirs was not the first; None where it belongs to none."""
    try:
        pk, user, again = signing.loads(request.GET.get("print", ""), salt=TICKET, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    return bool(again) if (pk, user) == (found.pk, request.user.pk) else None
