"""Pages for booking, one question a page: service → time → (the service's question) → check → booked."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Delegation
from accounts.models.privacy import has_agreed_to_health
from community.core import clock, limits
from community.core.dates import day_of
from community.core.errors import ActionError, show_refusal
from community.core.limit_table import CARE_HOLD, CARE_WAIT
from community.core.statements import Statement
from services.care import KEY, actions, policies, times
from services.care.acting_for import Start, read_start
from services.care.actions.steps import record_number_read
from services.care.forms.resident import AnswerForm
from services.care.models import CareBooking, CareDraft, CareService
from services.common.question_pages import Question, next_page, page_key, row_key
from services.scheduling.models import Place, Slot, Waiting
from services.scheduling.months import month_of

SHOWN = 5


@login_required
@require_GET
def catalogue(request: SignedInRequest) -> HttpResponse:
    """The services on offer, with tomorrow's meal and the open bookings above them."""
    start = read_start(request, request.user)
    acting_for = Delegation.objects.residents_of(request.user, KEY)
    if not start.home:
        template = "care/which_home.html" if start.homes else "care/no_home.html"
        return render(request, template, {"start": start, "acting_for": acting_for})
    now = clock.now()
    services = _OFFERED(start.home.estate.pk)
    bookings = CareBooking.objects.of_household(request.user).open().filter(resident=start.resident)
    context = {
        "start": start,
        "services": services,
        "meal": times.tomorrows_meal(services, start.resident, now),
        "key": uuid4(),
        "bookings": _FIRST(bookings) if start.resident == request.user else [],
        "waiting": _WAITING(start.resident.pk, start.home.estate.pk),
        "acting_for": acting_for,
    }
    return render(request, "care/catalogue.html", context)


_OFFERED: Statement[CareService] = Statement(
    lambda estate: (
        CareService.objects.offered().filter(estate=estate).with_provider().order_by("position", "pk")
    )
)
_FIRST: Statement[CareBooking] = Statement(
    lambda bookings: CareBooking.objects.filter(pk__in=bookings).with_visit().by_time()[:SHOWN]
)
_WAITING: Statement[Waiting] = Statement(
    lambda resident, estate: (
        Waiting.objects.live()
        .filter(resident=resident, slot__resource__care_service__estate=estate)
        .select_related("slot__resource__care_service")[:SHOWN]
    )
)


def _start_with_home(request: SignedInRequest) -> Start:
    """Reads the start; raises ``Http404`` if it names no home."""
    start = read_start(request, request.user)
    if start.home is None:
        raise Http404
    return start


def _service(start: Start, pk: int) -> CareService:
    offered = CareService.objects.offered().with_provider()
    return get_object_or_404(offered, pk=pk, estate=start.estate)


@login_required
@require_http_methods(["GET", "POST"])
def when(request: SignedInRequest, pk: int) -> HttpResponse:
    """The days of a service, and the times of a day that has several; choosing a time holds its place."""
    start = read_start(request, request.user)
    if start.home is None:
        return redirect(reverse("care") + f"?{start.query}")
    service = _service(start, pk)
    is_helper = policies.is_helper(request.user, service.estate_id)
    if service.booked_by == CareService.BookedBy.DESK and not is_helper:
        return render(request, "care/by_desk.html", {"start": start, "service": service})
    if request.method == "POST":
        return _choose(request, start, service)
    return render(request, "care/when.html", _times_context(request, start, service, is_helper=is_helper))


def _times_context(
    request: SignedInRequest, start: Start, service: CareService, *, is_helper: bool
) -> dict[str, Any]:
    now, on = clock.now(), day_of(request.GET.get("on", ""))
    first = day_of(request.GET.get("from", "")) or on
    days, more = times.days_of(service, start.resident, now, is_helper=is_helper, first=first)
    chosen = next((day for day in days if day.on == on), None)
    return {
        "start": start,
        "service": service,
        "days": days,
        "more": more,
        "chosen": chosen,
        "is_flat": all(len(day.times) == 1 for day in days),
        "key": uuid4(),
        # Read by the standard mode alone.
        "month": lambda: month_of(
            times.free_by_day(service, now, is_helper=is_helper),
            day_of(request.GET.get("month", "")),
            clock.today(now),
        ),
    }


def _choose(request: SignedInRequest, start: Start, service: CareService) -> HttpResponse:
    assert start.home is not None
    slot = get_object_or_404(Slot, pk=row_key(request.POST.get("slot", "")), resource=service.resource_id)
    limits.hit(CARE_HOLD, request.user.pk)
    try:
        draft = _hold_place(request, start, service, slot)
    except ActionError as refusal:
        # Shows the times as they are now: another request took the place, or it is too late.
        messages.error(request, str(refusal.message))
        return redirect(reverse("care_service", args=[service.pk]) + f"?{start.query}")
    return redirect(_next_page(draft))


def _hold_place(request: SignedInRequest, start: Start, service: CareService, slot: Slot) -> CareDraft:
    """Holds the chosen place and returns its draft.

    A page shown again by the phone's back button may choose another time, or the same one after its place was
    released: the used key is then replaced.
    """
    assert start.home is not None
    now, key = clock.now(), uuid5(page_key(request), str(slot.pk))
    chosen = actions.CareChoice(service=service, resident=start.resident, home=start.home, key=key)
    try:
        return actions.begin_booking(chosen, slot=slot, by=request.user, now=now)
    except ActionError as refusal:
        if refusal.code != "key_used":
            raise
    return actions.begin_booking(replace(chosen, key=uuid4()), slot=slot, by=request.user, now=now)


def _lacks_answer(draft: CareDraft) -> bool:
    return not draft.is_answered


QUESTIONS = [Question("care_question", _lacks_answer)]


def _next_page(draft: CareDraft) -> str:
    """Returns the URL of the booking if it was made, else of the question if it must be answered, else of the
    check.
    """
    if draft.booking_id:
        return reverse("care_booking", args=[draft.booking_id])
    return next_page(draft, QUESTIONS, last="care_check")


def _draft(request: SignedInRequest, draft_id: UUID) -> CareDraft:
    drafts = CareDraft.objects.visible_to(request.user).select_related(
        "service__provider",
        "service__resource",
        "resident",
        "estate",
        "booking",
        "place__slot",
        "place__resident",
        "home__entrance__building__estate",
    )
    draft = get_object_or_404(drafts, pk=draft_id)
    # The draft may show the resident's last answer to the desk.
    if draft.answer:
        record_number_read(request, draft, by=request.user)
    return draft


@login_required
@require_http_methods(["GET", "POST"])
def question(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """The service's question, such as which hospital or which food is not eaten."""
    draft = _draft(request, draft_id)
    if draft.booking_id:
        return redirect(_next_page(draft))
    if not draft.service.question:
        return redirect("care_check", draft_id=draft.pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AnswerForm(
        *sent,
        service=draft.service,
        has_agreed=has_agreed_to_health(draft.resident, clock.now()),
        initial={"answer": draft.answer},
    )
    if request.method == "POST" and form.is_valid():
        try:
            given = actions.Answer(**form.cleaned_data)
            actions.answer_draft(draft=draft, by=request.user, given=given, now=clock.now())
            return redirect("care_check", draft_id=draft.pk)
        except ActionError as refusal:
            show_refusal(form, refusal)
    context = {"draft": draft, "form": form, "spoken": list(draft.recordings.all())}
    return render(request, "care/question.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def check(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """The summary before booking: service, time, price and payer."""
    draft = _draft(request, draft_id)
    if draft.booking_id or _lacks_answer(draft):
        return redirect(_next_page(draft))
    if request.method == "POST":
        try:
            booking = actions.book(draft=draft, by=request.user, now=clock.now())
        except ActionError as refusal:
            if refusal.code == "same_time":
                messages.error(request, str(refusal.message))
                return redirect(_times_url(draft))
            if refusal.code != "hold_lapsed":
                raise
            return render(request, "care/lapsed.html", _lapsed_context(draft), status=409)
        messages.success(request, _("Booked. You can cancel it here."))
        return redirect("care_booking", pk=booking.pk)
    if not _is_held(draft):
        return render(request, "care/lapsed.html", _lapsed_context(draft))
    return render(request, "care/check.html", {"draft": draft, "spoken": list(draft.recordings.all())})


def _is_held(draft: CareDraft) -> bool:
    place = draft.place
    held = place.status == Place.Status.HELD and place.held_until and place.held_until > clock.now()
    return bool(held) or place.status == Place.Status.BOOKED


def _lapsed_context(draft: CareDraft) -> dict[str, Any]:
    return {"draft": draft, "key": uuid4()}


@login_required
@require_GET
def hold_live(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Whether the place is still held; fetched by the open check page when it has changed."""
    draft = _draft(request, draft_id)
    return render(request, "care/hold_live.html", {"draft": draft, "is_kept": _is_held(draft)})


@login_required
@require_POST
def again(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Holds the same place again after its time ran out, or shows the free times."""
    draft = _draft(request, draft_id)
    limits.hit(CARE_HOLD, request.user.pk)
    try:
        held = actions.hold_again(draft=draft, by=request.user, key=page_key(request), now=clock.now())
    except ActionError as refusal:
        messages.error(request, str(refusal.message))
        return redirect(_times_url(draft))
    return redirect(_next_page(held))


def _times_url(draft: CareDraft) -> str:
    """Returns the URL of the same service's times for the same person."""
    return reverse("care_service", args=[draft.service_id]) + f"?{Start(draft.resident, draft.home).query}"


@login_required
@require_http_methods(["GET", "POST"])
def wait(request: SignedInRequest, pk: int) -> HttpResponse:
    """Joins the waiting list of a full time."""
    start = _start_with_home(request)
    mine = CareService.objects.offered().filter(estate=start.estate)
    slot = get_object_or_404(
        Slot.objects.select_related("resource__care_service"), pk=pk, resource__care_service__in=mine
    )
    service: CareService = slot.resource.care_service  # type: ignore[attr-defined]
    if request.method == "POST":
        limits.hit(CARE_WAIT, request.user.pk)
        try:
            waiting = actions.wait_for_slot(
                service=service, slot=slot, resident=start.resident, by=request.user, now=clock.now()
            )
        except ActionError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(reverse("care_service", args=[service.pk]) + f"?{start.query}")
        return redirect("care_waiting", pk=waiting.pk)
    is_helper = policies.is_helper(request.user, service.estate_id)
    context = {
        "start": start,
        "service": service,
        "slot": slot,
        "next_free": times.next_free(service, slot, clock.now(), is_helper=is_helper),
        "key": uuid4(),
    }
    return render(request, "care/wait.html", context)


def waiting_of(request: SignedInRequest, pk: int) -> Waiting:
    """Returns a waiting entry of the user or of a person they may book for; raises ``Http404`` for another's."""
    rows = Waiting.objects.filter(slot__resource__care_service__isnull=False).select_related(
        "slot__resource__care_service__provider",
        "slot__resource__estate",
        "resident",
        "made_by",
        "place__slot",
    )
    found = get_object_or_404(rows, pk=pk)
    if not policies.may_book_for(request.user, found.resident, estate_id=found.slot.resource.estate_id):
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "POST"])
def waiting(request: SignedInRequest, pk: int) -> HttpResponse:
    """The position on the waiting list; POST takes an offered place or passes it on."""
    found = waiting_of(request, pk)
    service: CareService = found.slot.resource.care_service  # type: ignore[attr-defined]
    if request.method == "POST":
        if request.POST.get("answer") == "leave":
            actions.leave_list(waiting=found, by=request.user, now=clock.now())
            messages.success(request, _("You no longer wait for it."))
            return redirect("care")
        return redirect(_next_page(_take_offered(request, found)))
    is_offered = found.status == Waiting.Status.OFFERED and (found.offered_until or clock.now()) > clock.now()
    context = {"waiting": found, "service": service, "is_offered": is_offered, "key": uuid4()}
    return render(request, "care/waiting.html", context)


def _take_offered(request: SignedInRequest, found: Waiting) -> CareDraft:
    estate = found.slot.resource.estate
    home = actions.home_in(estate, found.resident)
    return actions.choose_offered(
        waiting=found, home=home, by=request.user, key=page_key(request), now=clock.now()
    )
