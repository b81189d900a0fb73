"""Reminders: the rule of an estate, a preview, rounds and their log, printed letters."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError
from community.core.paging import newest_first
from community.estates.models import Building, Estate, Home
from community.notifications.messages import in_words
from services.common.question_pages import page_key, row_key
from services.fees import policies
from services.fees.arrears import letters, queries
from services.fees.arrears.actions import dunning as actions
from services.fees.arrears.forms import ArrearsFilters, DunningRuleForm
from services.fees.arrears.queries import LeftOut
from services.fees.models import DunningNotice, DunningRound, DunningRule
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only, home_of_staff

PAGE_SIZE = 50
REASONS: dict[str, Any] = {
    LeftOut.HARDSHIP: gettext_lazy("The household is in need"),
    LeftOut.DISPUTED: gettext_lazy("A bill is disputed"),
    LeftOut.PENDING: gettext_lazy("A payment is under way"),
    LeftOut.COVERED: gettext_lazy("Prepayment covers it"),
    LeftOut.REMINDED: gettext_lazy("Reminded lately"),
    LeftOut.NOBODY: gettext_lazy("Nobody is registered: write a letter"),
}
# Reasons that hold for a letter too.
NO_LETTER = (LeftOut.HARDSHIP, LeftOut.DISPUTED, LeftOut.PENDING, LeftOut.COVERED)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def dunning(request: SignedInRequest) -> HttpResponse:
    """Shows the rule and the rounds of an estate; a POST sets the rule."""
    estate, estates = chosen_fees_estate(request)
    rule = DunningRule.objects.filter(estate=estate).first()
    known = vars(rule or DunningRule(estate=estate))
    form = DunningRuleForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST":
        policies.require("dun", request.user, estate.pk)
        if form.is_valid():
            values = actions.RuleValues(**form.cleaned_data)
            actions.set_dunning_rule(estate=estate, values=values, by=request.user, now=clock.now())
            messages.success(request, _("The rule is set."))
            return redirect(f"{reverse('dunning')}?estate={estate.pk}")
    rounds = DunningRound.objects.filter(estate=estate).select_related("begun_by", "building")
    rows, older = newest_first(rounds, before=request.GET.get("before", ""))
    context = {
        "estate": estate,
        "estates": estates,
        "rule": rule,
        "form": form,
        "rounds": rows,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "may_dun": policies.may("dun", request.user, estate.pk),
        "buildings": estate.buildings.all(),  # type: ignore[attr-defined]
    }
    return render(request, "fees/staff/dunning.html", context, status=422 if form.errors else 200)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def preview(request: SignedInRequest) -> HttpResponse:
    """Shows whom a round would reach, with how much and which words, and who is left out; a POST sends it."""
    estate, _estates = chosen_fees_estate(request)
    policies.require("dun", request.user, estate.pk)
    building = _building(request, estate)
    if request.method == "POST":
        try:
            begun = actions.start_round(
                estate=estate, building=building, key=page_key(request), by=request.user, now=clock.now()
            )
        except ActionError as error:
            messages.error(request, str(error.message))
            return redirect(f"{reverse('dunning')}?estate={estate.pk}")
        return redirect("dunning_round", begun.pk)
    rule = DunningRule.objects.filter(estate=estate).select_related("estate").first()
    if rule is None:
        messages.error(request, _("Please set the rule first."))
        return redirect(f"{reverse('dunning')}?estate={estate.pk}")
    context = _preview_context(request, rule, building)
    return render(request, "fees/staff/dunning_preview.html", context)


def _building(request: SignedInRequest, estate: Estate) -> Building | None:
    wanted = request.POST.get("building") or request.GET.get("building", "")
    return get_object_or_404(Building, estate=estate, pk=row_key(wanted)) if wanted else None


def _preview_context(
    request: SignedInRequest, rule: DunningRule, building: Building | None
) -> dict[str, Any]:
    now = clock.now()
    key = uuid4()
    forecast = actions.forecast_round(rule, building=building, by=request.user, key=key, now=now)
    homes: Any = queries.homes_to_remind(forecast, clock.today(now))
    sums = queries.totals_by_reason(homes)
    reached = list(homes.filter(left_out=LeftOut.SENT).with_address().order_by("pk")[:PAGE_SIZE])
    left_out = list(homes.exclude(left_out=LeftOut.SENT).with_address().order_by("pk")[: PAGE_SIZE * 2])
    return {
        "estate": rule.estate,
        "rule": rule,
        "building": building,
        "key": key,
        "is_quiet": rule.is_quiet(clock.local(now).time()),
        "reached": reached,
        "sum": sums[LeftOut.SENT],
        "text": _text(reached[0]) if reached else None,
        "left_out": [(home, REASONS[home.left_out]) for home in left_out],
        "reasons": [(REASONS[code], sums[code]) for code in REASONS if sums[code]["homes"]],
    }


def _text(home: Any) -> tuple[str, str]:
    """Returns title and words of the message to one home."""
    return in_words("arrears_due", {"home": str(home), "bills": home.bills_late, "fen": home.fen})


def _round(request: SignedInRequest, pk: int) -> DunningRound:
    rows = DunningRound.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("estate", "building", "begun_by"), pk=pk)


@fees_staff_only
@require_GET
def dunning_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a round: how far it is, and the homes that were reminded."""
    return render(request, "fees/staff/dunning_round.html", _round_context(request, pk))


@fees_staff_only
@require_GET
def round_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch."""
    return render(request, "fees/staff/dunning_round_live.html", _round_context(request, pk))


def _round_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = _round(request, pk)
    rows = DunningNotice.objects.filter(round=found).select_related("home__entrance__building")
    notices, older = newest_first(rows, before=request.GET.get("before", ""), size=PAGE_SIZE, by="at")
    return {
        "round": found,
        "estate": found.estate,
        "notices": notices,
        "next_url": f"?before={older}" if older else "",
        "topics": [actions.round_topic(found)],
        "is_running": found.status == DunningRound.Status.RUNNING,
        "may_dun": policies.may("dun", request.user, found.estate_id),
    }


@fees_staff_only
@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stops a round."""
    actions.stop_round(dunning_round=_round(request, pk), by=request.user, now=clock.now())
    messages.success(request, _("Stopped. Whoever was reminded stays in the log."))
    return redirect("dunning_round", pk)


# -- Letters


@fees_staff_only
@require_POST
def letters_of_estate(request: SignedInRequest) -> HttpResponse:
    """Prints the letters to all homes of the list as one PDF, and records them."""
    estate, _estates = chosen_fees_estate(request)
    policies.require("dun", request.user, estate.pk)
    filters = ArrearsFilters(request.POST, estate=estate).valid_filters()
    late = queries.homes_in_arrears(estate, clock.today(clock.now()), **filters).values("pk")
    homes = _homes_for_letters(request, estate).filter(pk__in=late).order_by("pk")
    return _print(request, estate, list(homes.with_address()[: letters.MAX_LETTERS]))


@fees_staff_only
@require_POST
def letter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Prints the letter to one home, and records it."""
    found = home_of_staff(request.user, pk)
    policies.require("dun", request.user, found.estate.pk)
    homes = _homes_for_letters(request, found.estate).filter(pk=pk)
    return _print(request, found.estate, list(homes.with_address()), back=found)


def _homes_for_letters(request: SignedInRequest, estate: Estate) -> Any:
    """Returns the homes with overdue bills of the household to whom a letter may go."""
    rule = DunningRule(estate=estate, after_days=0, again_days=0)
    now = clock.now()
    forecast = actions.forecast_round(rule, building=None, by=request.user, key=UUID(int=0), now=now)
    homes: Any = queries.homes_to_remind(forecast, clock.today(now))
    return homes.exclude(left_out__in=NO_LETTER)


def _print(
    request: SignedInRequest, estate: Estate, homes: list[Home], *, back: Home | None = None
) -> HttpResponse:
    if not homes:
        messages.error(request, _("No letter: nothing is due, or the home is left out of reminders."))
        if back is not None:
            return redirect("fees_arrears_home", back.pk)
        return redirect(f"{reverse('fees_arrears')}?estate={estate.pk}")
    now = clock.now()
    content = letters.letters_pdf(estate, homes, clock.today(now))
    actions.log_letters(estate=estate, homes=homes, by=request.user, now=now)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="letters-{clock.today(now):%Y%m%d}.pdf"'
    return response
