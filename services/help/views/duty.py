"""Duty roster: the week as a grid of days and hours, leaves and substitutes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from community.core import clock
from community.core.errors import Forbidden
from community.estates.models import Estate
from services.help import actions, duty_roster, policies, queries
from services.help.forms.duty import LeaveForm, ShiftForm
from services.help.models import DutyLeave, DutyShift
from services.help.views.staff import estate_of

DAYS = 7
HOURS = 24


@dataclass(frozen=True)
class Block:
    """Consecutive hours of one day with the same people on duty; an empty list is a gap."""

    starts: int
    ends: int
    people: list[User]
    is_now: bool

    @property
    def hours(self) -> int:
        return self.ends - self.starts


@dataclass(frozen=True)
class Day:
    date: Any
    weekday: str
    blocks: list[Block]


@login_required
@require_GET
def week(request: SignedInRequest) -> HttpResponse:
    """Shows the coming seven days, with leaves and substitutes applied."""
    estate, estates = estate_of(request)
    return _page(request, estate, estates)


def _page(
    request: SignedInRequest,
    estate: Estate,
    estates: list[Estate],
    *,
    shift_form: ShiftForm | None = None,
    leave_form: LeaveForm | None = None,
) -> HttpResponse:
    now = clock.now()
    tried = shift_form or leave_form
    context = {
        "estate": estate,
        "estates": estates if len(estates) > 1 else [],
        "days": _days(estate),
        "hours": range(0, HOURS, 3),
        "gaps": duty_roster.gaps([estate], now)[estate.pk],
        "shifts": DutyShift.objects.filter(estate=estate).select_related("user"),
        "leaves": DutyLeave.objects.filter(estate=estate, ends_at__gt=now).select_related(
            "user", "substitute"
        ),
        "may_edit": policies.may_edit_roster(request.user, estate.pk),
        "shift_form": shift_form or ShiftForm(estate=estate, by=request.user),
        "leave_form": leave_form or LeaveForm(estate=estate, by=request.user),
    }
    return render(request, "help/staff/duty.html", context, status=422 if tried is not None else 200)


def _days(estate: Estate) -> list[Day]:
    now = clock.now()
    midnight = clock.midnight(clock.today(now))
    roster = duty_roster.Roster([estate], midnight, midnight + timedelta(days=DAYS))
    days = []
    for number in range(DAYS):
        begin = midnight + timedelta(days=number)
        blocks: list[Block] = []
        for hour in range(HOURS):
            moment = begin + timedelta(hours=hour)
            people = roster.at(estate.pk, moment)
            is_now = moment <= now < moment + duty_roster.HOUR
            if blocks and blocks[-1].people == people:
                last = blocks.pop()
                blocks.append(Block(last.starts, hour + 1, people, last.is_now or is_now))
            else:
                blocks.append(Block(hour, hour + 1, people, is_now))
        label = str(DutyShift.Weekday(begin.weekday()).label)
        days.append(Day(begin.date(), label, blocks))
    return days


def _redirect_to_week(estate: Estate) -> HttpResponse:
    response = redirect("help_duty")
    response["Location"] += f"?estate={estate.pk}"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def add_shift(request: SignedInRequest) -> HttpResponse:
    estate, estates = estate_of(request)
    policies.must_edit_roster(request.user, estate.pk)
    if request.method == "GET":
        return _redirect_to_week(estate)
    form = ShiftForm(request.POST, estate=estate, by=request.user)
    if form.carry_out(now=clock.now()):
        messages.success(request, _("Added to the roster."))
        return _redirect_to_week(estate)
    return _page(request, estate, estates, shift_form=form)


@login_required
@require_http_methods(["GET", "POST"])
def add_leave(request: SignedInRequest) -> HttpResponse:
    estate, estates = estate_of(request)
    policies.must_edit_roster(request.user, estate.pk)
    if request.method == "GET":
        return _redirect_to_week(estate)
    form = LeaveForm(request.POST, estate=estate, by=request.user)
    if form.carry_out(now=clock.now()):
        messages.success(request, _("Leave noted."))
        return _redirect_to_week(estate)
    return _page(request, estate, estates, leave_form=form)


@login_required
@require_POST
def remove_shift(request: SignedInRequest, pk: int) -> HttpResponse:
    estates = [estate.pk for estate in _watched_estates(request)]
    shift = get_object_or_404(DutyShift.objects.filter(estate__in=estates).select_related("estate"), pk=pk)
    actions.remove_shift(shift=shift, by=request.user)
    messages.success(request, _("Taken out of the roster."))
    return _redirect_to_week(shift.estate)


@login_required
@require_POST
def remove_leave(request: SignedInRequest, pk: int) -> HttpResponse:
    estates = [estate.pk for estate in _watched_estates(request)]
    leave = get_object_or_404(DutyLeave.objects.filter(estate__in=estates).select_related("estate"), pk=pk)
    actions.remove_leave(leave=leave, by=request.user)
    messages.success(request, _("Leave taken out."))
    return _redirect_to_week(leave.estate)


def _watched_estates(request: SignedInRequest) -> list[Estate]:
    """Returns the estates that this person sees; the action checks whether they may edit the roster.

    Raises ``Forbidden`` if there are none.
    """
    estates = list(queries.estates_watched_by(request.user, clock.now()))
    if not estates:
        raise Forbidden
    return estates
