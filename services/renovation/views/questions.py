"""Pages for choosing a time, one question a page: day → hour → confirmation; for booking and for moving."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import found_once
from community.core import clock, limits
from community.core.dates import day_of
from community.core.errors import ActionError
from community.core.limit_table import APPOINTMENT
from community.estates.models import Home
from services.common.question_pages import row_key
from services.renovation import actions, noise, policies, times
from services.renovation.forms.resident import SlotForm
from services.renovation.models import Appointment, AppointmentWaiting, WorkItem
from services.renovation.views.access import appointment_of, home_of, item_of, project_of
from services.scheduling.actions import SlotFull
from services.scheduling.models import Slot
from services.scheduling.months import month_of


@dataclass(frozen=True)
class Choice:
    """The home and work item to book, and the appointment to move if there is one."""

    home: Home
    item: WorkItem
    moves: Appointment | None

    @property
    def url(self) -> str:
        if self.moves:
            return reverse("appointment_move", args=[self.moves.pk])
        return reverse("renovation_times", args=[self.item.project_id, self.home.pk, self.item.pk])

    @property
    def back(self) -> str:
        if self.moves:
            return reverse("appointment", args=[self.moves.pk])
        return reverse("renovation_home", args=[self.item.project_id, self.home.pk])


@login_required
@require_http_methods(["GET", "POST"])
def when(request: SignedInRequest, pk: int, home_pk: int, item_pk: int) -> HttpResponse:
    """Asks for the day, the hour and a confirmation; POST books."""
    with found_once():
        choice = _choice(request, pk, home_pk, item_pk)
        if request.method == "POST" and (refused := _refused_at_once(request, choice)):
            return refused
    return _choose(request, choice)


def _choice(request: SignedInRequest, pk: int, home_pk: int, item_pk: int) -> Choice:
    item = item_of(request, pk, item_pk)
    return Choice(home_of(request, item.project, home_pk), item, None)


@login_required
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Moves an appointment to another time."""
    appointment = appointment_of(request, pk)
    verbs = policies.allowed_verbs(request.user, appointment, clock.now())
    if request.method == "GET" and "move_appointment" not in verbs:
        return redirect("appointment", pk=pk)
    return _choose(request, Choice(appointment.home, appointment.item, appointment))


def _choose(request: SignedInRequest, choice: Choice) -> HttpResponse:
    if request.method == "POST":
        return _book(request, choice)
    if chosen := request.GET.get("slot", ""):
        return _confirm_page(request, choice, _slot(chosen))
    slots = _slots(choice)
    days = times.by_day(slots)
    named = day_of(request.GET.get("day", ""))
    opened = next((day for day in days if day.date == named), None)
    month = month_of(
        {day.date: day.free for day in days}, day_of(request.GET.get("month", "")), clock.today(clock.now())
    )
    context = _page_context(choice) | {"days": days, "opened": opened, "month": month}
    return render(request, "renovation/times.html", context)


def _slots(choice: Choice) -> list[Slot]:
    """Returns the times of the home, but for the one that is to be moved."""
    slots = times.slots_for(choice.home, choice.item, now=clock.now())
    return [slot for slot in slots if choice.moves is None or slot.pk != choice.moves.place.slot_id]


def _slot(text: str) -> Slot:
    known = Slot.objects.with_free(clock.now()).select_related("resource__crew")
    return get_object_or_404(known, pk=row_key(text))


def _page_context(choice: Choice) -> dict[str, Any]:
    return {
        "choice": choice,
        "project": choice.item.project,
        "its_home": choice.home,
        "item": choice.item,
        "moves": choice.moves,
    }


def _confirm_page(
    request: SignedInRequest, choice: Choice, slot: Slot, refusal: ActionError | None = None
) -> HttpResponse:
    """Asks for the confirmation; for a full time, whether to join the waiting list."""
    if not times.is_offered(choice.home, choice.item, slot, now=clock.now()):
        return redirect(choice.url)
    slots = _slots(choice) if slot.is_full else []
    fits = slot in slots or bool(
        noise.fitting_slots(choice.item, [slot], estate=choice.item.project.estate_id)
    )
    return _slot_page(request, choice, slot, slots, fits=fits, refusal=refusal)


def _slot_page(
    request: SignedInRequest,
    choice: Choice,
    slot: Slot,
    slots: list[Slot],
    *,
    fits: bool,
    refusal: ActionError | None,
) -> HttpResponse:
    context = _page_context(choice) | {
        "slot": slot,
        "error": str(refusal.message) if refusal else "",
        "is_full": slot.is_full,
        "can_wait": slot.is_full and choice.moves is None,
        "next_free": times.next_free(slots, slot),
        "form": SlotForm(initial={"key": uuid4(), "slot": slot.pk}),
        "fits": fits,
    }
    return render(request, "renovation/book.html", context, status=refusal.status if refusal else 200)


def _refused_at_once(request: SignedInRequest, choice: Choice) -> HttpResponse | None:
    """Returns the refusal of a full time without the whole way through the action, or None if that must decide.

    When booking opens, hundreds ask at one second, and most are refused.
    """
    form, now = SlotForm(request.POST), clock.now()
    if not form.is_valid() or not policies.lives_in_or_acts_for(request.user, choice.home):
        return None
    chosen, key = form.cleaned_data["slot"], form.cleaned_data["key"]
    if not Slot.objects.filter(pk=chosen, taken__gte=F("capacity")).exists():
        return None
    slots = _slots(choice)
    slot = next((slot for slot in slots if slot.pk == chosen), None)
    if slot is None or not actions.is_only_full(choice.home, choice.item, slot, key=key, now=now):
        return None
    limits.hit(APPOINTMENT, request.user.pk)
    return _slot_page(request, choice, slot, slots, fits=True, refusal=SlotFull())


def _book(request: SignedInRequest, choice: Choice) -> HttpResponse:
    limits.hit(APPOINTMENT, request.user.pk)
    form = SlotForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose a time."))
        return redirect(choice.url)
    slot = _slot(str(form.cleaned_data["slot"]))
    try:
        if choice.moves:
            actions.move_appointment(appointment=choice.moves, to=slot, by=request.user, now=clock.now())
            booked = choice.moves
        else:
            booked = actions.book_appointment(
                home=choice.home,
                item=choice.item,
                slot=slot,
                by=request.user,
                key=form.cleaned_data["key"],
                now=clock.now(),
            )
    except ActionError as refusal:
        with found_once():
            return _confirm_page(request, choice, _slot(str(slot.pk)), refusal)
    done = _("Moved to the new time.") if choice.moves else _("Booked. You will be reminded a day before.")
    messages.success(request, done)
    return redirect("appointment", pk=booked.pk)


@login_required
@require_POST
def wait(request: SignedInRequest, pk: int, home_pk: int, item_pk: int) -> HttpResponse:
    """Joins the waiting list of a full time."""
    with found_once():
        choice = _choice(request, pk, home_pk, item_pk)
    slot = _slot(request.POST.get("slot", ""))
    limits.hit(APPOINTMENT, request.user.pk)
    try:
        actions.wait_for_slot(home=choice.home, item=choice.item, slot=slot, by=request.user, now=clock.now())
    except ActionError as refusal:
        with found_once():
            return _confirm_page(request, choice, _slot(str(slot.pk)), refusal)
    messages.success(request, _("You are on the waiting list. We tell you when a place is free."))
    return redirect("renovation_home", pk=pk, home_pk=home_pk)


@login_required
@require_http_methods(["GET", "POST"])
def offer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A place offered from the waiting list: takes it, or leaves the list."""
    entries = AppointmentWaiting.objects.select_related(
        "waiting__slot__resource__crew", "waiting__place", "item__project__estate", "home__entrance__building"
    )
    entry = get_object_or_404(entries, pk=pk)
    project = project_of(request, entry.item.project_id)
    home_of(request, project, entry.home_id)
    error = ""
    if request.method == "POST":
        if request.POST.get("answer") == "leave":
            actions.leave_list(entry=entry, by=request.user, now=clock.now())
            messages.success(request, _("You wait no longer."))
            return redirect("renovation_home", pk=project.pk, home_pk=entry.home_id)
        form = SlotForm(request.POST)
        if form.is_valid():
            try:
                booked = actions.take_offered(
                    entry=entry, by=request.user, key=form.cleaned_data["key"], now=clock.now()
                )
            except ActionError as refusal:
                error = str(refusal.message)
            else:
                messages.success(request, _("Booked. You will be reminded a day before."))
                return redirect("appointment", pk=booked.pk)
        else:
            error = _("Please choose a time.")
    context = {
        "wish": entry,
        "project": project,
        "its_home": entry.home,
        "item": entry.item,
        "slot": entry.waiting.slot,
        "error": error,
        "form": SlotForm(initial={"key": uuid4(), "slot": entry.waiting.slot_id}),
    }
    return render(request, "renovation/offer.html", context, status=409 if error else 200)
