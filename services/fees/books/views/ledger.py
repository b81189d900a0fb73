"""Pages of the books: the entries of an estate, and the reversal of one by two people."""

from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from community.estates.models import Home
from services.fees import policies
from services.fees.books import actions
from services.fees.forms.staff import ReasonForm
from services.fees.models import Entry, LedgerReversal, LedgerTransaction
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

Kind = LedgerTransaction.Kind
PAGE_SIZE = 30
# Kinds that are looked for alone: the two that are reversed here, and the reversals.
SHOWN_ALONE: dict[str, Promise] = {
    Kind.SHIFT: pgettext_lazy("entries", "Tills"),
    Kind.FEE: pgettext_lazy("entries", "Fees"),
    Kind.REVERSAL: pgettext_lazy("entries", "Reversals"),
}
ON_PAYMENT = gettext_lazy("Pay it back or move it, on the page of the payment.")
ON_BILL = gettext_lazy("Void the bill, on its page.")
# Acts by which the other kinds of entries are taken back.
OWN_ACTS: dict[str, Promise] = {
    Kind.BILL: ON_BILL,
    Kind.LATE: gettext_lazy("Waive the late fee, on the page of the bill."),
    Kind.LOWER: ON_BILL,
    Kind.VOID: gettext_lazy("Charge it again, as a single charge."),
    Kind.PAYMENT: ON_PAYMENT,
    Kind.PREPAID: ON_PAYMENT,
    Kind.RELEASE: gettext_lazy("Use the prepayment again, at the counter."),
    Kind.REFUND: gettext_lazy("Take the money again, at the counter."),
    Kind.OPENING: gettext_lazy("Undo the opening balances as a whole."),
    Kind.DEPOSIT: gettext_lazy("Pay the deposit back, on its page."),
    Kind.MOVE: gettext_lazy("Move the payment back, on its page."),
    Kind.FUND: gettext_lazy("Take the line back, on the page of the fund."),
    Kind.BANKED: gettext_lazy("Undo it, on the page of the shift."),
    Kind.REVERSAL: gettext_lazy("It reverses another entry; what was right is entered again."),
}
# Pages of what the key of an entry names.
PAGES = {"bill": "fees_bill", "void": "fees_bill", "payment": "fees_payment", "fund": "fees_fund_line"}


@fees_staff_only
@require_GET
def entries(request: SignedInRequest) -> HttpResponse:
    """Shows the entries of an estate, the newest first, after the reversals that wait for a second person."""
    estate, estates = chosen_fees_estate(request)
    rows = LedgerTransaction.objects.filter(estate=estate).select_related("by")
    kind = next((one for one in SHOWN_ALONE if one == request.GET.get("kind")), None)
    if kind:
        # The kinds are named again, so that their index is used.
        rows = rows.filter(kind=kind).filter(kind__in=SHOWN_ALONE)
    found, older = newest_first(rows, before=request.GET.get("before", ""), size=PAGE_SIZE, by="at")
    debits = Entry.objects.filter(transaction__in=[one.pk for one in found], amount_fen__gt=0).order_by()
    sums = debits.values("transaction").annotate(fen=Sum("amount_fen")).values_list("transaction", "fen")
    fen, homes = dict(sums), _homes_of(found)
    waiting = LedgerReversal.objects.waiting().filter(estate=estate).select_related("reversed", "asked_by")
    context = {
        "estate": estate,
        "estates": estates,
        "estate_pk": str(estate.pk),
        "rows": [(one, fen.get(one.pk, 0), homes.get(one.pk)) for one in found],
        "waiting": waiting,
        "kinds": [("", pgettext("entries", "All")), *SHOWN_ALONE.items()],
        "kind": kind or "",
        "next_url": f"?estate={estate.pk}&kind={kind or ''}&before={older}" if older else "",
    }
    return render(request, "fees/staff/ledger.html", context)


def _homes_of(found: list[LedgerTransaction]) -> dict[int, Home]:
    """Returns the home of each transaction that concerns one, by its key. One query."""
    rows = Entry.objects.filter(transaction__in=[one.pk for one in found]).exclude(account__home=None)
    rows = rows.select_related("account__home__entrance__building").order_by("-pk")
    return {one.transaction_id: one.account.home for one in rows if one.account.home}


@fees_staff_only
@require_http_methods(["GET", "POST"])
def entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows an entry with its accounts; asks to reverse it, or names the act that takes it back."""
    rows = LedgerTransaction.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF))
    found = get_object_or_404(rows.select_related("estate", "by", "shift"), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        policies.require("reverse_entry", request.user, found.estate_id)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                actions.ask_ledger_reversal(written=found, reason=reason, by=request.user, now=clock.now())
            except ActionError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("A colleague has to agree before it is in the books."))
                return redirect("fees_entry", pk)
    context = _context(request, found, form)
    return render(request, "fees/staff/entry.html", context, status=422 if form.errors else 200)


def _context(request: SignedInRequest, found: LedgerTransaction, form: ReasonForm) -> dict[str, Any]:
    reversals = found.reversals.select_related("asked_by", "approved_by", "booked", "reversed__shift")
    reversal = reversals.exclude(status=LedgerReversal.Status.DECLINED).first()
    may_reverse = policies.may("reverse_entry", request.user, found.estate_id)
    waits = reversal is not None and reversal.status == LedgerReversal.Status.ASKED
    kind, _colon, number = found.key.partition(":")
    page = PAGES.get(kind) if number.isdecimal() else None
    return {
        "entry": found,
        "estate": found.estate,
        "lines": found.entries.select_related(
            "account__home__entrance__building", "account__item", "account__person", "account__fund", "bill"
        ),
        "form": form,
        "reversal": reversal,
        "declined": reversals.filter(status=LedgerReversal.Status.DECLINED),
        "reverses": LedgerReversal.objects.filter(booked=found).select_related("reversed").first(),
        "own_act": OWN_ACTS.get(found.kind),
        "page_url": reverse(page, args=[int(number)]) if page else "",
        "may_ask": may_reverse and reversal is None and found.kind in LedgerReversal.KINDS,
        "may_confirm": waits and reversal and policies.may_confirm_reversal(request.user, reversal),
        "may_decline": waits and may_reverse,
    }


def _reversal(request: SignedInRequest, pk: int) -> LedgerReversal:
    rows = LedgerReversal.objects.visible_to(request.user).select_related("reversed__shift")
    return get_object_or_404(rows, pk=pk)


@fees_staff_only
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Books a reversal as the second person."""
    found = _reversal(request, pk)
    try:
        actions.confirm_ledger_reversal(reversal=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Reversed: the opposite is in the books of today."))
    return redirect("fees_entry", found.reversed_id)


@fees_staff_only
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines a reversal, or withdraws one's own."""
    found = _reversal(request, pk)
    try:
        actions.decline_ledger_reversal(reversal=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Not reversed."))
    return redirect("fees_entry", found.reversed_id)
