"""Pages of the coordinator: the week, the list, a booking, and the search for a resident."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import estates_of, has_role
from accounts.staff_pages import chosen_estate
from community.core import clock
from community.core.dates import day_of
from community.core.paging import newest_first
from community.estates.models import Estate, Home
from community.notifications import live
from services.care import home_code_sheets, policies, queries, timeline, weeks
from services.care.actions.steps import record_number_read, week_topic
from services.care.forms.staff import DESK_FORMS, FindForm, ListFilters, MoveForm, VerbForm
from services.care.home_codes import home_code
from services.care.models import CareBooking
from services.care.roles import COORDINATING, HELPING, OVERSEEING
from services.common.verb_pages import form_named, forms_for, page_before, take_verb


@dataclass(frozen=True)
class Desk:
    """The chosen estate, and the estates to choose from."""

    estate: Estate
    estates: list[Estate]


def _parameters(request: SignedInRequest) -> QueryDict:
    """Returns the parameters: a search is posted, because names and numbers must not be in an address."""
    return request.POST if request.method == "POST" else request.GET


def _desk(request: SignedInRequest, *roles: str) -> Desk:
    return Desk(*chosen_estate(request, estates_of(request.user, *(roles or OVERSEEING))))


@login_required
@require_GET
def week(request: SignedInRequest) -> HttpResponse:
    """The week by carer and day, with unassigned visits on top."""
    return render(request, "care/staff/week.html", _week_context(request))


@login_required
@require_GET
def week_live(request: SignedInRequest) -> HttpResponse:
    """The changing part of the week, fetched by its open copies."""
    return render(request, "care/staff/week_live.html", _week_context(request))


def _week_context(request: SignedInRequest) -> dict[str, Any]:
    desk, now = _desk(request), clock.now()
    topic = week_topic(desk.estate.pk)
    live.will_show(request.user, [topic])
    first = weeks.monday_of(day_of(request.GET.get("week", "")) or clock.today(now))
    return {
        "desk": desk,
        "estate": desk.estate,
        "estates": desk.estates,
        "week": weeks.week_of(desk.estate, request.user, first, now),
        "query": urlencode({"estate": desk.estate.pk, "week": first.isoformat()}),
        "overdue": weeks.overdue_in(desk.estate, request.user, now),
        "topic": topic,
        "may_arrange": has_role(request.user, desk.estate.pk, *COORDINATING),
        "may_book": policies.is_helper(request.user, desk.estate.pk),
    }


@login_required
@require_http_methods(["GET", "POST"])
def list_page(request: SignedInRequest) -> HttpResponse:
    """Shows every booking, newest first.

    A search and its older pages are posted; other filters are in the address.
    """
    desk, given = _desk(request), _parameters(request)
    filters = ListFilters(given, estate=desk.estate)
    asked = filters.valid_filters()
    if request.method == "GET":
        asked.pop("words", None)
    chosen = [(name, getattr(value, "pk", value)) for name, value in asked.items()]
    query = urlencode([("estate", desk.estate.pk), *chosen])
    if request.method == "POST" and "words" not in asked:
        return redirect(f"{request.path}?{query}")
    before = given.get("before", "")
    shown = CareBooking.objects.visible_to(request.user).filter(estate=desk.estate)
    rows, older = newest_first(
        weeks.filter_bookings(shown, asked).with_people(),  # type: ignore[attr-defined]
        before=before,
        ways=weeks.ways_to(asked),
    )
    context = {
        "desk": desk,
        "estate": desk.estate,
        "estates": desk.estates,
        "filters": filters,
        "is_narrowed": bool(asked),
        "bookings": rows,
        "overdue": [] if asked or before else weeks.overdue_in(desk.estate, request.user, clock.now()),
        "kept": chosen if "words" in asked else [],
        "older": older,
        "before": before,
        "next_url": f"?{query}&before={older}" if older else "",
        "first_url": f"?{query}" if before else "",
    }
    return render(request, "care/staff/list.html", context)


def _booking_for_staff(request: SignedInRequest, pk: int) -> CareBooking:
    """Returns a booking of an estate that the user oversees; raises ``Http404`` for others."""
    estates = estates_of(request.user, *OVERSEEING)
    rows = CareBooking.objects.visible_to(request.user).filter(estate__in=estates)
    return get_object_or_404(rows.with_people(), pk=pk)


@login_required
@require_GET
def booking(request: SignedInRequest, pk: int) -> HttpResponse:
    """A booking with all details; the audit records that number and answer were shown."""
    return render(request, "care/staff/booking.html", _page_context(request, _booking_for_staff(request, pk)))


@login_required
@require_GET
def booking_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page; the audit records it too, because it contains the answer."""
    return render(
        request, "care/staff/booking_live.html", _page_context(request, _booking_for_staff(request, pk))
    )


def _page_context(
    request: SignedInRequest, found: CareBooking, *, tried: VerbForm | None = None
) -> dict[str, Any]:
    record_number_read(request, found, by=request.user)
    now = clock.now()
    verbs = policies.allowed_verbs(request.user, found, now)
    forms = forms_for(DESK_FORMS, verbs, lambda kind: kind(booking=found, by=request.user), tried=tried)
    for form in forms:
        if isinstance(form, MoveForm):
            form.open_from(now)
    return {
        "booking": found,
        "estate": found.estate,
        "tone": timeline.tone(found),
        "entries": timeline.entries(found, request.user),
        "recordings": list(found.recordings.all()),
        "forms": forms,
    }


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on a booking, from the week or from its page."""
    found = _booking_for_staff(request, pk)
    kind = form_named(DESK_FORMS, verb)
    if request.method == "GET":
        return redirect("care_desk_booking", pk=pk)

    def again(form: VerbForm) -> HttpResponse:
        context = _page_context(request, found, tried=form)
        return render(request, "care/staff/booking.html", context, status=422)

    return take_verb(
        request,
        kind(request.POST, booking=found, by=request.user),
        done=lambda: _success_message(found),
        back=lambda: page_before(request, f"/staff/care/{pk}/"),
        again=again,
    )


def _success_message(found: CareBooking) -> str:
    return _("%(reference)s: %(state)s.") % {
        "reference": found.reference,
        "state": found.carer or found.get_status_display(),
    }


@login_required
@require_http_methods(["GET", "POST"])
def find(request: SignedInRequest) -> HttpResponse:
    """Searches for a resident who phoned or came; the search is posted."""
    desk = _desk(request, *HELPING)
    form = FindForm(request.POST if request.method == "POST" else None)
    found: list[tuple[User, Home]] = []
    if form.is_valid():
        found = queries.find_residents(desk.estate, form.cleaned_data["words"])
    context = {
        "desk": desk,
        "estate": desk.estate,
        "estates": desk.estates,
        "form": form,
        "found": found,
        "has_asked": form.is_bound and form.is_valid(),
    }
    return render(request, "care/staff/find.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def codes(request: SignedInRequest) -> HttpResponse:
    """The sheets to hang inside homes: a list to choose from, and the PDF of the chosen homes."""
    desk = _desk(request, *HELPING)
    homes = queries.visited_homes(desk.estate)
    chosen = request.GET.getlist("homes")
    if chosen:
        wanted = [home for home in homes if str(home.pk) in chosen]
        if not wanted:
            raise Http404
        answer = HttpResponse(
            home_code_sheets.home_sheets([home_code(home) for home in wanted]),
            content_type="application/pdf",
        )
        answer["Content-Disposition"] = 'inline; filename="home-codes.pdf"'
        return answer
    context = {"desk": desk, "estate": desk.estate, "estates": desk.estates, "homes": homes}
    return render(request, "care/staff/codes.html", context)
