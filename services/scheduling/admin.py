from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from community.core import background, clock
from community.core.admin_base import (
    ChildInline,
    EstateScopedAdmin,
    ReadOnly,
    administration_of,
    estates_for,
)
from community.core.admin_paging import InUseFilter
from community.core.search.filtering import Ways
from community.estates import calendar
from community.estates.models import CalendarDay, Estate
from services.scheduling import actions
from services.scheduling.forms.hours import (
    CalendarDayForm,
    ClosureForm,
    HoursForm,
    HoursFormSet,
    ResourceForm,
)
from services.scheduling.forms.year import DaysForm, YearForm
from services.scheduling.models import Closure, Place, Resource, Slot, WeeklyHours

LABELS = {
    Place.Status.HELD: "warning",
    Place.Status.BOOKED: "success",
    Place.Status.RELEASED: "default",
    Place.Status.LAPSED: "default",
}


def show_planned(request: HttpRequest, planned: actions.Planned) -> None:
    """Shows what the change did to the slots of the next four weeks and which bookings it concerns."""
    if planned.made or planned.closed or planned.reopened:
        done = _("%(made)d times were added, %(closed)d closed, %(reopened)d opened again.")
        messages.info(request, str(done) % vars(planned))
    number = len(planned.to_move)
    if number:
        words = ngettext(
            "%(number)d booking falls on a closed time. It is kept; please agree another time.",
            "%(number)d bookings fall on closed times. They are kept; please agree other times.",
            number,
        ) % {"number": number}
        address = reverse("admin:scheduling_place_changelist") + "?must_move=yes"
        messages.warning(request, format_html('{} <a href="{}">{}</a>', words, address, _("Show them")))


def update_slots(request: HttpRequest, estate: Estate | None) -> None:
    """Updates the slots at once for one estate, in the background for all estates."""
    if estate:
        show_planned(request, actions.plan_estate(estate=estate, now=clock.now()))
    else:
        transaction.on_commit(
            lambda: background.queue("services.scheduling.tasks.make_slots_ahead", [()]), robust=True
        )


class HoursInline(ChildInline):
    model = WeeklyHours
    form = HoursForm
    formset = HoursFormSet
    fields = ("weekday", "opens", "closes", "slot_minutes", "capacity", "works")


@admin.register(Resource)
class ResourceAdmin(EstateScopedAdmin):
    """Bookable resources with their weekly hours; saving updates the coming slots."""

    form = ResourceForm
    list_display = ("name", "service", "is_active", "estate")
    list_filter = ("estate", "service", "is_active")
    list_select_related = ("estate",)
    search_fields = ("name",)
    inlines = [HoursInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        show_planned(request, actions.plan_ahead(resources=[form.instance], now=clock.now()))


class Planning(EstateScopedAdmin):
    """Base for rows of an estate whose change updates its slots."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self.model.objects.filter(pk=obj.pk).select_related("estate").first()  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)
        update_slots(request, obj.estate)
        if before and before.estate != obj.estate:
            update_slots(request, before.estate)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        update_slots(request, obj.estate)


@admin.register(Closure)
class ClosureAdmin(Planning):
    form = ClosureForm
    list_display = ("reason", "resource", "starts_at", "ends_at", "estate")
    list_filter = ("estate", ("resource", InUseFilter), "starts_at")
    list_select_related = ("estate", "resource")
    search_fields = ("reason", "resource__name")


@admin.register(CalendarDay)
class CalendarDayAdmin(Planning):
    """Corrections of the public calendar; those for all estates are readable by all and edited by the
    operator.
    """

    form = CalendarDayForm
    actions_list = ("year",)
    list_display = ("date", "name", "is_working", "hours_of", "estate")
    list_filter = ("estate", "is_working", "date")
    list_select_related = ("estate",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarDay]:
        rows: QuerySet[CalendarDay] = super().get_queryset(request)
        if administration_of(request):
            return rows
        return rows | CalendarDay.objects.filter(estate=None)

    def has_right(self, request: HttpRequest, verb: str, obj: Any = None) -> bool:
        is_of_all = obj is not None and obj.estate_id is None
        return super().has_right(request, verb, None if verb == "view" and is_of_all else obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Lets only the operator leave the estate empty."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "estate":
            field.required = not administration_of(request)
        return field

    @action(description=_("Enter a whole year"), url_path="year", permissions=["add"])  # type: ignore[arg-type]
    def year(self, request: HttpRequest) -> HttpResponse:
        """Enters the announced days of a year: parsed from pasted text, shown, confirmed."""
        user: Any = request.user
        is_sent = request.method == "POST"
        writable = estates_for(request, self.right("add"))
        of_all = bool(administration_of(request))
        estates = Estate.objects.all() if of_all else Estate.objects.filter(pk__in=writable)
        initial = {"year": clock.today(clock.now() + calendar.SOON).year, "estate": estates.first()}
        form = YearForm(request.POST if is_sent else None, estates=estates, may_all=of_all, initial=initial)
        days_form = None
        if is_sent and form.is_valid():
            is_confirmed = request.POST.get("step") == "confirm"
            days_form = DaysForm(request.POST if is_confirmed else None, days=form.cleaned_data["days"])
            if is_confirmed and days_form.is_valid():
                estate = form.cleaned_data["estate"]
                number = actions.enter_days(estate=estate, days=days_form.chosen(), by=user)
                done = ngettext("%(number)d day was entered.", "%(number)d days were entered.", number)
                messages.success(request, done % {"number": number})
                update_slots(request, estate)
                return redirect("admin:estates_calendarday_changelist")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": _("Enter a whole year"),
        }
        context |= {"form": form, "days_form": days_form}
        code = 422 if form.errors or (days_form and days_form.errors) else 200
        return render(request, "admin/year_of_holidays.html", context, status=code)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        today = clock.today(clock.now())
        for year in calendar.unannounced_years(today, today + calendar.SOON):
            words = _(
                "This version does not know the holidays and make-up days of %(year)d yet; the weekdays and "
                "the statutory days are assumed. Please enter what the State Council announced."
            )
            messages.warning(request, str(words) % {"year": year})
        return super().changelist_view(request, extra_context)


class MustMove(admin.SimpleListFilter):
    title = _("must be moved")
    parameter_name = "must_move"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("closed although booked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.to_move(clock.now()) if self.value() == "yes" else queryset  # type: ignore[attr-defined]


@admin.register(Slot)
class SlotAdmin(ReadOnly, EstateScopedAdmin):
    """Slots as made from the hours."""

    estate_path = "resource__estate"
    list_display = ("starts_at", "ends_at", "resource", "taken", "capacity", "is_closed", "closed_because")
    list_filter = (MustMove, ("resource", InUseFilter), "is_closed", "starts_at")
    list_select_related = ("resource",)
    search_fields = ("resource__name",)
    date_hierarchy = "starts_at"
    ordering = ("starts_at", "pk")


@admin.register(Place)
class PlaceAdmin(ReadOnly, EstateScopedAdmin):
    """Booked and held places; moved and released in the service that owns the resource."""

    estate_path = "slot__resource__estate"
    list_display = ("begins", "resource", "resident", "state", "held_until", "created_at")
    list_filter = (MustMove, "status", ("slot__resource", InUseFilter))
    list_select_related = ("slot__resource", "resident")
    found_by = Ways(people=("resident",))
    search_fields = ("slot__resource__name",)

    @admin.display(description=_("begins"), ordering="slot__starts_at")
    def begins(self, place: Place) -> Any:
        return place.slot.starts_at

    @admin.display(description=_("resource"), ordering="slot__resource__name")
    def resource(self, place: Place) -> str:
        return place.slot.resource.name

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, place: Place) -> tuple[str, str]:
        return place.status, place.get_status_display()
