"""Pages of repairs that were reported: the list, one repair, and its resident's verbs."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from community.core import clock, storage
from community.core.expiring import address_expires
from community.core.paging import newest_first
from community.core.services import is_on
from services import fees
from services.common.forms import SpokenRatingForm
from services.common.verb_pages import VerbPages
from services.fees.models import Bill
from services.repairs import actions, policies, timeline
from services.repairs.advice import advice_for, drawing_for
from services.repairs.forms.resident import AddWordsForm, CancelForm, QuoteForm, ReopenForm
from services.repairs.models import Repair, RepairPicture, RepairRecording


def _repair(request: SignedInRequest, pk: int) -> Repair:
    return get_object_or_404(Repair.objects.visible_to(request.user).with_people(), pk=pk)


@login_required
@require_GET
def repair_list(request: SignedInRequest) -> HttpResponse:
    """Lists the repairs of the user, their homes and their delegations, newest first."""
    mine = Repair.objects.of_household(request.user).select_related(
        "category", "place", "home__entrance__building"
    )
    repairs, older = newest_first(mine, before=request.GET.get("before", ""))
    return render(request, "repairs/list.html", {"repairs": repairs, "older": older})


@login_required
@require_GET
def repair_page(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "repairs/detail.html", _page_context(request, pk))


@login_required
@require_GET
def repair_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the changing part of the page, fetched by open pages."""
    return render(request, "repairs/detail_live.html", _page_context(request, pk))


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    repair = _repair(request, pk)
    return {
        "repair": repair,
        "verbs": policies.allowed_verbs(request.user, repair),
        "line": timeline.line(repair),
        "tone": timeline.tone(repair),
        "question": timeline.question(repair),
        "bill": _bill(request, repair),
        "entries": timeline.entries(repair, request.user, is_staff=False),
        "pictures": list(repair.pictures.all()),
        "recordings": list(repair.recordings.all()),
    }


def _bill(request: SignedInRequest, repair: Repair) -> Bill | None:
    """Returns the bill of the repair, for whom may see it. No query for a repair without one."""
    if not repair.bill_id or not is_on(fees.KEY):
        return None
    return Bill.objects.visible_to(request.user).filter(pk=repair.bill_id).first()


@login_required
@require_GET
def emergency(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows who sees to it, what to do meanwhile and the number to call; the alarm has started already.

    Open pages fetch the same address.
    """
    repair = _repair(request, pk)
    if not repair.is_emergency:
        raise Http404
    context = {
        "repair": repair,
        "alarm": repair.alarm,
        "is_ended": repair.status in (*Repair.FINISHED, Repair.Status.DONE),
        "advice": advice_for(repair),
        "drawing": drawing_for(repair),
        "verbs": policies.allowed_verbs(request.user, repair),
    }
    return render(request, "repairs/emergency.html", context)


PAGES = VerbPages(noun="repair", page="repair", find=_repair, allowed=policies.allowed_verbs)


@PAGES.asks("add_words", AddWordsForm, "repairs/add_words.html")
def add_words(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    uploads = [*given["pictures"], *([given["spoken"]] if given["spoken"] else [])]
    actions.add_words(repair=repair, by=request.user, words=given["words"], uploads=uploads, now=clock.now())
    return _("Added. Whoever works on it can read it.")


@PAGES.asks("cancel_repair", CancelForm, "repairs/cancel.html")
def cancel(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    actions.cancel_repair(repair=repair, by=request.user, now=clock.now(), **given)
    return _("Cancelled. Nobody will come.")


@PAGES.asks("answer_quote", QuoteForm, "repairs/quote.html")
def quote(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    agrees = given["answer"] == "yes"
    actions.answer_quote(repair=repair, by=request.user, agrees=agrees, fen=given["fen"], now=clock.now())
    if agrees:
        return _("Agreed. The work goes on.")
    if repair.status == Repair.Status.IN_WORK:
        return _("Refused. The work goes on at the price agreed before.")
    return _("Refused. It costs nothing, and the repair ends here.")


@PAGES.asks("confirm_repair", SpokenRatingForm, "repairs/confirm.html")
def confirm(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    actions.confirm_repair(repair=repair, by=request.user, now=clock.now(), **given)
    return _("Thank you. The repair is closed.")


@PAGES.asks("rate_repair", SpokenRatingForm, "repairs/confirm.html")
def rate(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    actions.rate_repair(repair=repair, by=request.user, now=clock.now(), **given)
    return _("Thank you for telling us.")


@PAGES.asks("reopen_repair", ReopenForm, "repairs/reopen.html")
def reopen(request: SignedInRequest, repair: Repair, given: dict[str, Any]) -> str:
    actions.reopen_repair(repair=repair, by=request.user, now=clock.now(), **given)
    return _("The desk knows. Somebody will come again.")


@login_required
@require_GET
@address_expires
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Returns a picture of a repair or draft that the user may see."""
    row = get_object_or_404(RepairPicture.objects.visible_to(request.user), pk=pk)
    try:
        return storage.serve_private(row.file_name(size), content_type="image/jpeg", of=row)
    except KeyError as error:
        raise Http404 from error


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns a spoken message of a repair or draft that the user may see."""
    row = get_object_or_404(RepairRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(row.name, content_type=row.content_type, of=row)
