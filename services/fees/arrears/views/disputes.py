"""Pages of disputed bills: a resident or the desk objects, staff answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import User, access_of
from accounts.policies import estates_of
from community.core import clock, storage
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.paging import newest_first
from services.fees import KEY, labels, policies
from services.fees.arrears.actions import disputes
from services.fees.arrears.forms import AnswerForm, ObjectionForm, WordsForm
from services.fees.models import Bill, Dispute, DisputeRecording
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PAGE_SIZE = 50


def _owner_of(bill: Bill, user: User) -> User | None:
    """Returns the person for whom the user objects: themselves, or the relative whose bill it is."""
    if Bill.objects.of_resident(user).filter(pk=bill.pk).exists():
        return user
    for pk in access_of(user).people(KEY):
        person = User.objects.get(pk=pk)
        if Bill.objects.of_resident(person).filter(pk=bill.pk).exists():
            return person
    return None


@login_required
@require_http_methods(["GET", "POST"])
def dispute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lets a resident say what is wrong with a bill."""
    bill = get_object_or_404(Bill.objects.of_household(request.user).with_lines(), pk=pk)
    form = ObjectionForm(request.POST, request.FILES) if request.method == "POST" else ObjectionForm()
    if request.method == "POST" and form.is_valid():
        try:
            disputes.raise_dispute(
                bill=bill,
                words=form.told,
                spoken=form.cleaned_data["spoken"],
                resident=_owner_of(bill, request.user),
                by=request.user,
                now=clock.now(),
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Thank you. We look into it, and until then nothing presses."))
            return redirect("bill", pk)
    context = {"bill": bill, "form": form}
    return render(request, "fees/dispute.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes an objection back."""
    bill = get_object_or_404(Bill.objects.of_household(request.user), pk=pk)
    open_dispute = get_object_or_404(Dispute.objects.open().select_related("bill", "raised_for"), bill=bill)
    disputes.withdraw_dispute(dispute=open_dispute, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. Thank you for telling us."))
    return redirect("bill", pk)


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns what was said of a bill, to those who may read what is written there."""
    row = get_object_or_404(DisputeRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(row.name, content_type=row.content_type, of=row)


# -- Staff


def _bill_of_staff(user: User, pk: int) -> Bill:
    rows = Bill.objects.filter(estate__in=estates_of(user, *FEES_STAFF)).with_lines()
    return get_object_or_404(rows, pk=pk)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def dispute_at_desk(request: SignedInRequest, pk: int) -> HttpResponse:
    """Writes down what a caller or visitor says about a bill."""
    bill = _bill_of_staff(request.user, pk)
    policies.require("dispute", request.user, bill.estate_id)
    form = WordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            disputes.raise_dispute(
                bill=bill,
                words=form.cleaned_data["words"],
                resident=bill.charged_to,
                by=request.user,
                now=clock.now(),
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The bill is marked as disputed."))
            return redirect("fees_bill", pk)
    context = {
        "heading": _("Bill is disputed"),
        "lead": f"{labels.bill_name(bill)} · {bill.home}",
        "back": reverse("fees_bill", args=[pk]),
        "form": form,
        "button": _("Mark as disputed"),
        "text": _("Until it is answered no late fee grows and no reminder is sent."),
    }
    return render(request, "fees/staff/ask.html", context, status=422 if form.errors else 200)


@fees_staff_only
@require_GET
def disputed(request: SignedInRequest) -> HttpResponse:
    """Shows disputed bills, the open ones first, then the newest answered."""
    estate, estates = chosen_fees_estate(request)
    rows = Dispute.objects.filter(bill__estate=estate).select_related(
        "bill__item", "bill__home__entrance__building", "raised_for", "answered_by"
    )
    answered, older = newest_first(
        rows.exclude(status=Dispute.Status.OPEN), before=request.GET.get("before", ""), size=PAGE_SIZE
    )
    context = {
        "estate": estate,
        "estates": estates,
        "waiting": rows.open().order_by("created_at", "pk")[: PAGE_SIZE * 4],
        "answered": answered,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
    }
    return render(request, "fees/staff/disputes.html", context)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answers a disputed bill."""
    rows = Dispute.objects.visible_to(request.user).select_related("bill__estate", "raised_for", "raised_by")
    found = get_object_or_404(rows, pk=pk)
    bill = _bill_of_staff(request.user, found.bill_id)
    policies.require("answer_dispute", request.user, bill.estate_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _answer(request, found, form):
        messages.success(request, _("Answered. The resident is told."))
        return redirect("fees_bill", bill.pk)
    context: dict[str, Any] = {"dispute": found, "bill": bill, "estate": bill.estate, "form": form}
    context["recordings"] = list(found.recordings.all())
    return render(request, "fees/staff/dispute.html", context, status=422 if form.errors else 200)


def _answer(request: SignedInRequest, found: Dispute, form: AnswerForm) -> bool:
    """Answers; returns False and adds the refusal to the form if it is refused."""
    given = form.cleaned_data
    reply = disputes.Answer(status=given["status"], words=given["words"], amount_fen=given["amount"])
    try:
        disputes.answer_dispute(dispute=found, answer=reply, by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return False
    return True
