"""Phone pages of a reader's round: the buildings, then meter after meter; they work without signal."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import Forbidden
from community.estates.models import Building, Estate
from services.common.submissions import derived_key, was_submitted
from services.common.work import frame_context
from services.fees.meters import queries
from services.fees.meters.computing import Usual
from services.fees.meters.forms.round import RoundForm, meter_ref
from services.fees.models import Meter
from services.fees.roles import METER_READERS


def _estates(request: SignedInRequest) -> list[Estate]:
    """Returns the estates in which the user reads meters. Raises ``Forbidden`` if there is none."""
    estates = list(estates_of(request.user, *METER_READERS))
    if not estates:
        raise Forbidden
    return estates


@login_required
@require_GET
def rounds(request: SignedInRequest) -> HttpResponse:
    """Lists the buildings with the progress of this month's round."""
    estates = _estates(request)
    period = clock.today(clock.now()).replace(day=1)
    context = {"rounds": queries.rounds(estates, period), "period": period, "has_estates": len(estates) > 1}
    return render(request, "fees/meters/rounds.html", frame_context(estates[0]) | context)


@login_required
@require_GET
def round_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the meters of a building, one at a time; all are on the page, which the phone stores."""
    building = _building(request, pk)
    return render(request, "fees/meters/round.html", _round_context(request, building))


def _building(request: SignedInRequest, pk: int) -> Building:
    buildings = Building.objects.filter(estate__in=_estates(request)).select_related("estate")
    return get_object_or_404(buildings, pk=pk)


def _round_context(
    request: SignedInRequest, building: Building, *, tried: RoundForm | None = None
) -> dict[str, Any]:
    now = clock.now()
    period = clock.today(now).replace(day=1)
    rows = Meter.objects.in_use().filter(building=building).annotate(is_read=queries.read_in(period))
    meters = list(rows.with_places().in_order())
    usual = queries.usual_by_meter(meters)
    current = _current(request, meters, tried)
    key = uuid4()
    stops = []
    for number, meter in enumerate(meters):
        form = RoundForm(meter=meter, by=request.user, page_key=_key_of(key, meter))
        if tried is not None and tried.meter.pk == meter.pk:
            form = tried
        following = meters[number + 1] if number + 1 < len(meters) else None
        stops.append(_stop(meter, form, usual.get(meter.pk)) | {"number": number + 1, "following": following})
    return frame_context(building.estate) | {
        "building": building,
        "stops": stops,
        "current": current,
        "read": sum(meter.is_read for meter in meters),  # type: ignore[attr-defined]
        "period": period,
        "today": clock.today(now),
    }


def _key_of(key: UUID, meter: Meter) -> UUID:
    return derived_key(key, f"meter:{meter.pk}")


def _stop(meter: Meter, form: RoundForm, usual: Usual | None) -> dict[str, Any]:
    """Returns a meter with its form, and the values between which a new one is not odd."""
    on = clock.today(clock.now())
    most = usual.most_milli(on) if usual else None
    return {
        "meter": meter,
        "form": form,
        "last": usual.last if usual else None,
        "least_milli": usual.last.milli if usual else 0,
        "most_milli": usual.last.milli + most if usual and most is not None else "",
    }


def _current(request: HttpRequest, meters: list[Meter], tried: RoundForm | None) -> int | None:
    """Returns the key of the meter to show: the one that was tried or chosen, or the next without a value."""
    if tried is not None:
        return tried.meter.pk
    keys = [str(meter.pk) for meter in meters]
    if (chosen := request.GET.get("at", "")) in keys:
        return int(chosen)
    after = request.GET.get("after", "")
    begin = keys.index(after) + 1 if after in keys else 0
    in_turn = meters[begin:] + meters[:begin]
    return next((meter.pk for meter in in_turn if not meter.is_read), None)  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes the value of one meter. Sending it again gets the same answer as the first time."""
    meters = Meter.objects.filter(estate__in=_estates(request)).with_places()
    meter = get_object_or_404(meters, pk=pk, building__isnull=False)
    if request.method == "GET":
        return redirect(f"{reverse('meter_round', args=[meter.building_id])}?at={pk}")
    if _is_repeated(request, meter):
        return _done(request, meter)
    form = RoundForm(request.POST, request.FILES, meter=meter, by=request.user)
    if form.carry_out(now=clock.now()):
        return _done(request, meter)
    return _refused(request, meter, form)


def _is_repeated(request: SignedInRequest, meter: Meter) -> bool:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return False
    return was_submitted(key=derived_key(key, RoundForm.slug), worker=request.user, job=meter_ref(meter))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _done(request: SignedInRequest, meter: Meter) -> HttpResponse:
    url = f"{reverse('meter_round', args=[meter.building_id])}?after={meter.pk}"
    if _wants_json(request):
        return JsonResponse({"url": url})
    messages.success(request, _("Saved: %(place)s.") % {"place": meter.place})
    return redirect(url)


def _refused(request: SignedInRequest, meter: Meter, form: RoundForm) -> HttpResponse:
    status = form.refusal.status if form.refusal is not None and form.refusal.status != 400 else 422
    if _wants_json(request):
        errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
        return JsonResponse({"errors": errors}, status=status)
    building = meter.building
    assert building is not None
    return render(
        request, "fees/meters/round.html", _round_context(request, building, tried=form), status=status
    )
