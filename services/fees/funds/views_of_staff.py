"""Pages of the owners' money for staff: what waits, a new line, the second person, answers."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address_of
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import access_of
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import policies
from services.fees.forms.staff import ReasonForm
from services.fees.funds import actions
from services.fees.funds.forms import FundAnswerForm, LineForm
from services.fees.funds.quarters import quarter_of
from services.fees.models import Fund, FundFile, FundLine, FundQuestion
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PAGE_SIZE = 50


@fees_staff_only
@require_GET
def funds(request: SignedInRequest) -> HttpResponse:
    """Shows both funds of an estate: what they hold, what waits for a second person or an answer, and the lines."""
    estate, estates = chosen_fees_estate(request)
    today = clock.today(clock.now())
    known = {fund.kind: fund for fund in Fund.objects.filter(estate=estate)}
    rows = FundLine.objects.filter(fund__estate=estate).select_related("fund", "asked_by", "approved_by")
    others, older = newest_first(
        rows.exclude(status=FundLine.Status.ASKED),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
        by="created_at",
    )
    context = {
        "estate": estate,
        "estates": estates,
        "funds": [
            (kind, label, quarter_of(known[kind], today) if kind in known else None)
            for kind, label in Fund.Kind.choices
        ],
        "waiting": rows.waiting().order_by("created_at")[:PAGE_SIZE],
        "lines": others,
        "questions": FundQuestion.objects.waiting()
        .filter(line__fund__estate=estate)
        .select_related("line__fund")[:PAGE_SIZE],
        "may_keep": policies.may("keep_funds", request.user, estate.pk),
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
    }
    return render(request, "fees/staff/funds.html", context)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest, kind: str) -> HttpResponse:
    """Writes a line of a fund."""
    if kind not in Fund.Kind.values:
        raise Http404
    estate, estates = chosen_fees_estate(request)
    policies.require("keep_funds", request.user, estate.pk)
    if request.method == "POST":
        form = LineForm(request.POST, request.FILES, kind=kind)
        if form.is_valid() and (made := _write(request, form, estate, kind)):
            return redirect("fees_fund_line", made.pk)
    else:
        form = LineForm(kind=kind, initial={"key": uuid4(), "on": clock.today(clock.now())})
    context = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "label": Fund.Kind(kind).label,
        "back": f"{address_of('fees_funds')}?estate={estate.pk}",
    }
    return render(request, "fees/staff/fund_new.html", context, status=422 if form.errors else 200)


def _write(request: SignedInRequest, form: LineForm, estate: Any, kind: str) -> FundLine | None:
    """Writes the line; returns None and adds the refusal to the form if it is refused."""
    given = form.cleaned_data
    line = actions.NewLine(
        estate=estate,
        kind=kind,
        category=given["category"],
        amount_fen=given["amount"],
        on=given["on"],
        counterparty=given["counterparty"],
        purpose=given["purpose"],
        ground=given.get("ground", ""),
        ground_words=given.get("ground_words", ""),
        files={name: given[name] for name in FundFile.Kind.values if given.get(name)},
        key=given["key"],
    )
    try:
        made = actions.write_line(line, by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return None
    waits = made.status == FundLine.Status.ASKED
    messages.success(request, _("A colleague has to agree to it.") if waits else _("It stands in the books."))
    return made


def _line(request: SignedInRequest, pk: int) -> FundLine:
    estates = access_of(request.user).estates(*FEES_STAFF)
    rows = FundLine.objects.filter(fund__estate__in=estates)
    return get_object_or_404(
        rows.select_related("fund__estate", "asked_by", "approved_by", "reverses", "reversed_by"), pk=pk
    )


@fees_staff_only
@require_GET
def line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a line with its files, its second person, and the questions about it."""
    found = _line(request, pk)
    may_keep = policies.may("keep_funds", request.user, found.fund.estate_id)
    waits = found.status == FundLine.Status.ASKED
    is_booked = found.status == FundLine.Status.BOOKED
    reversed_by = FundLine.objects.filter(reverses=found).first()
    context = {
        "line": found,
        "fund": found.fund,
        "estate": found.fund.estate,
        "files": list(found.files.all()),
        "history": found.history.select_related("actor"),
        "may_agree": may_keep and waits and found.asked_by_id != request.user.pk,
        "may_decline": may_keep and waits,
        "may_reverse": may_keep and is_booked and not found.reverses_id and reversed_by is None,
        "reversed_by": reversed_by,
        "reason_form": ReasonForm(),
        "questions": [
            (question, FundAnswerForm(auto_id=f"answer_{question.pk}_%s"))
            for question in found.questions.prefetch_related("recordings").select_related("asked_by")
        ],
        "may_answer": policies.may("answer_fund", request.user, found.fund.estate_id),
    }
    return render(request, "fees/staff/fund_line.html", context)


@fees_staff_only
@require_POST
def agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """Books a spending or a reversal as the second person."""
    found = _line(request, pk)
    actions.agree_to_line(line=found, by=request.user, now=clock.now())
    messages.success(request, _("It stands in the books."))
    return redirect("fees_fund_line", pk)


def _reason(request: SignedInRequest) -> str:
    form = ReasonForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else ""


@fees_staff_only
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines or withdraws a spending or a reversal, with a reason."""
    actions.decline_line(line=_line(request, pk), reason=_reason(request), by=request.user, now=clock.now())
    messages.success(request, _("It is not booked."))
    return redirect("fees_fund_line", pk)


@fees_staff_only
@require_POST
def reverse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks to take a line back, with a reason."""
    made = actions.ask_reversal(
        line=_line(request, pk), reason=_reason(request), by=request.user, now=clock.now()
    )
    messages.success(request, _("A colleague has to agree to it."))
    return redirect("fees_fund_line", made.pk)


@fees_staff_only
@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answers a question, for all residents to read."""
    estates = access_of(request.user).estates(*FEES_STAFF)
    rows = FundQuestion.objects.filter(line__fund__estate__in=estates).select_related("line__fund")
    found = get_object_or_404(rows, pk=pk)
    form = FundAnswerForm(request.POST)
    words = form.cleaned_data["answer"] if form.is_valid() else ""
    actions.answer_question(question=found, answer=words, by=request.user, now=clock.now())
    messages.success(request, _("Answered. All residents can read it."))
    return redirect("fees_fund_line", found.line_id)
