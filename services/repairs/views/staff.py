"""Pages of repairs for staff: the board, its list, and one repair."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import Role, estates_of, has_role
from accounts.staff_pages import chosen_estate
from community.core import clock
from community.core.paging import newest_first
from community.core.search.filtering import any_of
from community.core.services import is_on
from community.estates.models import Estate
from services import feedback, fees
from services.common.actions import board_topic
from services.common.verb_pages import form_named, forms_for, page_before, take_verb
from services.feedback.models import Feedback
from services.fees.roles import FEES_STAFF
from services.repairs import policies, queries, timeline
from services.repairs.actions.steps import record_number_read
from services.repairs.forms.staff import DESK_FORMS, BoardFilters, VerbForm
from services.repairs.models import Repair
from services.repairs.roles import OVERSEEING

ACCEPTABLE = policies.VERBS["accept_repair"].states
ASSIGNABLE = policies.VERBS["assign_repair"].states
# States that a card says by a tag.
TAGGED = frozenset(
    {
        Repair.Status.REOPENED,
        Repair.Status.WAITING_FOR_PARTS,
        Repair.Status.WAITING_FOR_RESIDENT,
        Repair.Status.QUOTED,
    }
)


@dataclass(frozen=True)
class FilteredBoard:
    """The chosen estate with its repairs after the filters."""

    estate: Estate
    estates: list[Estate]
    workers: list[User]
    filters: BoardFilters
    # Repairs that pass the filters but for ``ways``, of which they must meet one.
    rows: QuerySet[Repair]
    ways: list[Q]
    is_narrowed: bool
    query: str

    @property
    def repairs(self) -> QuerySet[Repair]:
        return self.rows.filter(any_of(self.ways))


def _filtered_board(request: SignedInRequest) -> FilteredBoard:
    estate, estates = chosen_estate(request, estates_of(request.user, *OVERSEEING))
    workers = queries.workers_with_load(estate)
    filters = BoardFilters(request.GET, estate=estate, workers=workers)
    asked = filters.valid_filters()
    repairs = Repair.objects.visible_in(request.user, estate)
    query = {name: getattr(value, "pk", value) for name, value in asked.items()}
    return FilteredBoard(
        estate=estate,
        estates=estates,
        workers=workers,
        filters=filters,
        rows=queries.filter_repairs(repairs, asked),
        ways=queries.ways_to(asked),
        is_narrowed=bool(asked),
        query=urlencode({"estate": estate.pk, **query}),
    )


@login_required
@require_GET
def columns_page(request: SignedInRequest) -> HttpResponse:
    """Shows the board: columns by status, alarms above, and the workers' load."""
    desk = _filtered_board(request)
    context = _columns_context(request, desk)
    context |= {"estates": desk.estates, "topic": board_topic(desk.estate.pk)}
    return render(request, "repairs/staff/board.html", context)


@login_required
@require_GET
def columns_live(request: SignedInRequest) -> HttpResponse:
    """Returns the changing part of the board, fetched by open pages."""
    return render(request, "repairs/staff/columns.html", _columns_context(request, _filtered_board(request)))


def _columns_context(request: SignedInRequest, desk: FilteredBoard) -> dict[str, Any]:
    # The board opens for those who oversee the estate: they see all of its repairs.
    columns = queries.board_columns(desk.repairs, all_of=None if desk.is_narrowed else desk.estate)
    queries.attach_clocks(columns, desk.estate, clock.now())
    return {
        "desk": desk,
        "estate": desk.estate,
        "columns": columns,
        "may_dispatch": has_role(request.user, desk.estate.pk, Role.DISPATCHER, Role.MANAGER),
        "acceptable": ACCEPTABLE,
        "assignable": ASSIGNABLE,
        "tagged": TAGGED,
    }


@login_required
@require_GET
def list_page(request: SignedInRequest) -> HttpResponse:
    """Lists the repairs of one column, or all, newest first."""
    desk = _filtered_board(request)
    column = queries.BY_KEY.get(request.GET.get("column", ""))
    repairs = desk.rows.filter(status__in=column.states) if column else desk.rows
    before = request.GET.get("before", "")
    rows, older = newest_first(repairs, before=before, ways=desk.ways, read=queries.newest_cards)
    query = f"{desk.query}&column={column.key}" if column else desk.query
    context = {
        "desk": desk,
        "estate": desk.estate,
        "estates": desk.estates,
        "column": column,
        "stages": queries.BY_KEY.values(),
        "repairs": rows,
        "next_url": f"?{query}&before={older}" if older else "",
        "first_url": f"?{query}" if before else "",
    }
    return render(request, "repairs/staff/list.html", context)


def _repair_for_staff(request: SignedInRequest, pk: int) -> Repair:
    """Returns a repair of an estate that the user oversees. Raises ``Http404`` for others."""
    estates = estates_of(request.user, *OVERSEEING)
    repairs = Repair.objects.visible_to(request.user).filter(estate__in=estates).with_people()
    return get_object_or_404(repairs, pk=pk)


@login_required
@require_GET
def repair_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one repair; records that the resident's number was shown."""
    repair = _repair_for_staff(request, pk)
    record_number_read(request, repair, by=request.user)
    context = _page_context(request, repair)
    context["forms"] = desk_forms(request.user, repair)
    return render(request, "repairs/staff/repair.html", context)


@login_required
@require_GET
def repair_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the changing part of the page, without phone numbers."""
    return render(
        request, "repairs/staff/repair_live.html", _page_context(request, _repair_for_staff(request, pk))
    )


def _page_context(request: SignedInRequest, repair: Repair) -> dict[str, Any]:
    return {
        "repair": repair,
        "estate": repair.estate,
        "state": queries.STAFF_WORDS[repair.status],
        "tone": queries.TONES.get(repair.status, "plain"),
        "entries": timeline.entries(repair, request.user, is_staff=True),
        "pictures": list(repair.pictures.all()),
        "recordings": list(repair.recordings.all()),
        "feedback": _feedback_of(request.user, repair),
        "may_see_bill": is_on(fees.KEY) and has_role(request.user, repair.estate_id, *FEES_STAFF),
    }


def _feedback_of(user: User, repair: Repair) -> Feedback | None:
    """Returns the complaint from which the repair was made, if the user may see it."""
    if not is_on(feedback.KEY):
        return None
    rows = Feedback.objects.for_staff(user).filter(estate=repair.estate_id)
    return rows.filter(repair_reference=repair.reference).first()


def desk_forms(user: User, repair: Repair, *, tried: VerbForm | None = None) -> list[VerbForm]:
    verbs = policies.allowed_verbs(user, repair)
    return forms_for(DESK_FORMS, verbs, lambda kind: kind(repair=repair, by=user), tried=tried)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on a repair, from the board or from its page."""
    repair = _repair_for_staff(request, pk)
    kind = form_named(DESK_FORMS, verb)
    if request.method == "GET":
        return redirect("board_repair", pk=pk)

    def again(form: VerbForm) -> HttpResponse:
        context = _page_context(request, repair)
        context["forms"] = desk_forms(request.user, repair, tried=form)
        return render(request, "repairs/staff/repair.html", context, status=422)

    return take_verb(
        request,
        kind(request.POST, repair=repair, by=request.user),
        done=lambda: _success_message(repair),
        back=lambda: page_before(request, f"/staff/repairs/{pk}/"),
        again=again,
    )


def _success_message(repair: Repair) -> str:
    return _("%(reference)s: %(state)s.") % {
        "reference": repair.reference,
        "state": queries.STAFF_WORDS[repair.status],
    }
