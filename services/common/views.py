"""The alarm bar: what sounds, and taking it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.policies import Role, estates_of
from community.core import clock
from community.core.events import page_asked
from services.common import alarms
from services.common.actions import acknowledge_alarm
from services.common.models import Alarm
from services.common.models.alarms import ANSWERING

WATCHING = (*ANSWERING, Role.AUDITOR)


@login_required
@require_GET
def alarm_bar(request: SignedInRequest, estate_pk: int) -> HttpResponse:
    """The bar above the board, as its open copies fetch it."""
    estate = get_object_or_404(estates_of(request.user, *WATCHING), pk=estate_pk)
    page_asked.send(now=clock.now())
    shown = alarms.to_show(user=request.user, estate=estate, now=clock.now())
    return render(request, "common/alarms.html", {"alarms": shown})


@login_required
@require_POST
def take_alarm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody sees to it; it falls silent everywhere."""
    alarm = get_object_or_404(Alarm.objects.visible_to(request.user), pk=pk)
    acknowledge_alarm(alarm=alarm, by=request.user, now=clock.now())
    return redirect(alarm.url)
