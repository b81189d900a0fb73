"""Pages of refunds: asked for, approved or declined by a second person, paid out of a prepayment."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, Forbidden, show_refusal
from community.core.paging import newest_first
from services.fees import actions, policies
from services.fees.forms.refunds import PayoutForm
from services.fees.forms.staff import DeclineForm
from services.fees.models import Account, Refund
from services.fees.payout_slips import has_slip, slip_pdf
from services.fees.views.access import chosen_fees_estate, fees_staff_only, homes_of_staff

PAGE_SIZE = 50


def _refund(request: SignedInRequest, pk: int) -> Refund:
    return get_object_or_404(Refund.objects.of_staff(request.user).with_source(), pk=pk)


def refund_rows(request: SignedInRequest, refunds: QuerySet[Refund]) -> list[dict[str, Any]]:
    """Returns refunds for their cards, each with what the user may do about it."""
    found = refunds.prefetch_related("lines__line__bill__item")
    return [refund_row(request, refund) for refund in found]


def refund_row(request: SignedInRequest, refund: Refund) -> dict[str, Any]:
    """Returns a refund for its card, with what the user may do about it."""
    is_cashier = policies.may("refund", request.user, refund.estate_id)
    waits = refund.status == Refund.Status.ASKED
    return {
        "refund": refund,
        "waits": waits,
        "may_approve": waits and policies.may_approve(request.user, refund),
        "may_decline": waits and is_cashier,
        "may_try_again": refund.status == Refund.Status.FAILED and is_cashier,
        "has_slip": has_slip(refund),
        "decline_form": DeclineForm(of=refund.pk),
    }


@fees_staff_only
@require_GET
def refunds(request: SignedInRequest) -> HttpResponse:
    """Shows all refunds of an estate, the newest first."""
    estate, estates = chosen_fees_estate(request)
    rows = Refund.objects.filter(estate=estate).with_source()
    found, older = newest_first(rows, before=request.GET.get("before", ""), size=PAGE_SIZE)
    context = {
        "estate": estate,
        "estates": estates,
        "refunds": found,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
    }
    return render(request, "fees/staff/refunds.html", context)


@fees_staff_only
@require_GET
def refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a refund to staff."""
    found = _refund(request, pk)
    context = {
        "row": refund_row(request, found),
        "refund": found,
        "estate": found.estate,
        "history": found.history.select_related("actor"),
    }
    return render(request, "fees/staff/refund.html", context)


@fees_staff_only
@require_GET
def slip(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the slip that is signed for cash paid out, as PDF."""
    found = _refund(request, pk)
    if not has_slip(found):
        raise Http404
    response = HttpResponse(slip_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="paid-out-{found.pk}.pdf"'
    return response


def page_of(refund: Refund) -> str:
    """Returns the path of the staff page on which the refund stands."""
    if refund.payment:
        return reverse("fees_payment", args=[refund.payment.pk])
    if refund.deposit:
        return reverse("fees_deposit", args=[refund.deposit.pk])
    return reverse("fees_refund_page", args=[refund.pk])


@fees_staff_only
@require_POST
@asks_again
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approves a refund as the second person."""
    found = _refund(request, pk)
    try:
        actions.approve_refund(refund=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _approved_words(found))
    return redirect(page_of(found))


def _approved_words(found: Refund) -> str:
    if found.is_by_provider:
        return _("Agreed. The payment service is asked to pay it back.")
    if not found.amount_fen:
        return _("Agreed. The household is told.")
    return _("Agreed. Please hand out the money; the household is told.")


@fees_staff_only
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines or withdraws a refund, with a reason."""
    found = _refund(request, pk)
    policies.require("refund", request.user, found.estate_id)
    form = DeclineForm(request.POST, of=found.pk)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.decline_refund(refund=found, by=request.user, reason=reason, now=clock.now())
        messages.success(request, _("Noted. Nothing was given back."))
    else:
        messages.error(request, _("Please write why."))
    return redirect(page_of(found))


@fees_staff_only
@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sends a refund again that the provider had refused."""
    found = _refund(request, pk)
    actions.try_refund_again(refund=found, by=request.user, now=clock.now())
    messages.success(request, _("The payment service is asked once more."))
    return redirect(f"{reverse('fees_doubts')}?estate={found.estate_id}")


# -- Out of a prepayment


@fees_staff_only
@require_http_methods(["GET", "POST"])
def pay_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks that a prepayment is paid out, whole or in part."""
    rows = Account.objects.filter(kind=Account.Kind.PREPAYMENT, home__in=homes_of_staff(request.user))
    account = get_object_or_404(
        rows.select_related("home__entrance__building__estate", "person", "estate"), pk=pk
    )
    policies.require("refund", request.user, account.estate_id)
    if not policies.may_pay_out(request.user, account):
        raise Forbidden
    name = account.person.name if account.person else ""
    initial = {"key": uuid4(), "amount": account.held_fen, "channel": "cash", "payee_name": name}
    typed = request.POST if request.method == "POST" else None
    form = PayoutForm(typed, held_fen=account.held_fen, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = actions.ask_payout(
                account=account, payout=payout_of(form), by=request.user, now=clock.now()
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Somebody else has to agree first. They were told."))
            return redirect("fees_refund_page", made.pk)
    context = {"account": account, "home": account.home, "estate": account.estate, "form": form}
    return render(request, "fees/staff/pay_out.html", context, status=422 if form.errors else 200)


def payout_of(form: PayoutForm) -> actions.Payout:
    """Returns what the form asks to be paid out."""
    given = form.cleaned_data
    return actions.Payout(
        amount_fen=given["amount"],
        channel=given["channel"],
        slip_number=given["slip_number"],
        payee_name=given["payee_name"],
        reason=given["reason"],
        key=given["key"],
    )
