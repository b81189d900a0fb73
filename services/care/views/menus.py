"""Pages of menus: the dishes of the coming days for residents, and where staff write them."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core import clock, dates, limits, storage
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import UPLOAD
from services.care import actions
from services.care.forms.pictures import MenuForm
from services.care.models import CareService, Menu, MenuPicture
from services.care.roles import COORDINATING
from services.scheduling.models import Slot

DAYS_SHOWN, DAYS_WRITTEN = 10, 14
MEALS = CareService.Kind.MEALS


@login_required
@require_GET
def menu(request: SignedInRequest, pk: int) -> HttpResponse:
    """Today's dishes, until the last meal of the day is over, and those of the coming days."""
    visible = CareService.objects.visible_to(request.user).offered().filter(kind=MEALS).with_provider()
    service = get_object_or_404(visible, pk=pk)
    now = clock.now()
    today = clock.today(now)
    first = today + timedelta(days=1) if _is_over(service, today, now) else today
    found = Menu.objects.filter(service=service).from_day(first, DAYS_SHOWN)
    days = [(dates.day_words(one.on, today), one) for one in found]
    return render(request, "care/menu.html", {"service": service, "days": days})


def _is_over(service: CareService, day: date, now: datetime) -> bool:
    """Whether the service has meals on the day and the last of them has ended."""
    last = Slot.objects.filter(resource=service.resource_id).of_day(day).order_by("ends_at").last()
    return last is not None and last.ends_at <= now


@login_required
@require_GET
@address_expires
def menu_picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Returns the picture of a menu that the user may see."""
    pictures = MenuPicture.objects.filter(menu__in=Menu.objects.visible_to(request.user))
    row = get_object_or_404(pictures, pk=pk)
    try:
        return storage.serve_private(row.file_name(size), content_type="image/jpeg")
    except KeyError as error:
        raise Http404 from error


@login_required
@require_GET
def menus(request: SignedInRequest) -> HttpResponse:
    """The next two weeks of the estate's meals, for the coordinator."""
    estate, estates = chosen_estate(request, estates_of(request.user, *COORDINATING))
    meals = CareService.objects.offered().filter(estate=estate, kind=MEALS).order_by("position", "pk")
    today = clock.today(clock.now())
    written: dict[tuple[int, date], Menu] = {
        (one.service_id, one.on): one
        for one in Menu.objects.filter(service__in=meals).from_day(today, DAYS_WRITTEN)
    }
    days = [today + timedelta(days=number) for number in range(DAYS_WRITTEN)]
    context = {
        "estate": estate,
        "estates": estates,
        "meals": [
            (meal, [(day, dates.day_words(day, today), written.get((meal.pk, day))) for day in days])
            for meal in meals
        ],
    }
    return render(request, "care/staff/menus.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def write_menu(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    """Writes the dishes of one day, with their picture."""
    meals = CareService.objects.filter(kind=MEALS, estate__in=estates_of(request.user, *COORDINATING))
    service, day = get_object_or_404(meals.select_related("estate"), pk=pk), dates.day_of(on)
    if day is None:
        raise Http404
    before = Menu.objects.filter(service=service, on=day).select_related("picture").first()
    form = MenuForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        has_picture=before is not None and hasattr(before, "picture"),
        initial={"dishes": before.dishes if before else ""},
    )
    if form.is_valid() and _write(request, form, service, day):
        messages.success(request, _("Kept. Residents see it now."))
        return redirect(reverse("care_menus") + f"?estate={service.estate_id}")
    context = {
        "service": service,
        "estate": service.estate,
        "day": dates.day_words(day, clock.today(clock.now())),
        "menu": before,
        "form": form,
    }
    return render(request, "care/staff/menu.html", context, status=422 if form.errors else 200)


def _write(request: SignedInRequest, form: MenuForm, service: CareService, day: date) -> bool:
    """Writes what the form says; returns False after a refusal, which the form then shows."""
    given = form.cleaned_data
    if given["pictures"]:
        limits.hit(UPLOAD, request.user.pk)
    dishes = actions.Dishes(
        words=given["dishes"],
        picture=next(iter(given["pictures"]), None),
        drops_picture=given.get("drops_picture", False),
    )
    try:
        actions.set_menu(service=service, on=day, dishes=dishes, by=request.user, now=clock.now())
    except ActionError as refusal:
        show_refusal(form, refusal)
        return False
    return True
