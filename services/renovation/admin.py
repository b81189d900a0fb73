from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from community.core import clock
from community.core.exports import OfficeExport, OfficeResource
from community.core.office import Below, OfficeAdmin, ReadOnly
from community.core.transitions import begin
from services.renovation.models import (
    Appointment,
    Campaign,
    Crew,
    NoiseHours,
    Participation,
    ProjectBuilding,
    RenovationProject,
    TimetableRow,
    WorkItem,
)
from services.renovation.wording import day_words, span_words

LABELS = {
    Appointment.Status.BOOKED: "info",
    Appointment.Status.UNDER_WAY: "warning",
    Appointment.Status.DONE: "warning",
    Appointment.Status.CONFIRMED: "success",
    Appointment.Status.DEFECTS: "danger",
    Appointment.Status.CANCELLED: "default",
    Appointment.Status.MISSED: "danger",
}


class BuildingInline(Below):
    model = ProjectBuilding
    fields = ("building",)


class TimetableInline(Below):
    model = TimetableRow
    fields = ("begins_on", "ends_on", "what")


class ItemInline(Below):
    model = WorkItem
    fields = (
        "name",
        "where",
        "entrance",
        "minutes",
        "is_noisy",
        "icon",
        "warranty_months",
        "about",
        "position",
    )


@admin.register(RenovationProject)
class ProjectAdmin(OfficeAdmin):
    """The plan is written here; how far it is moves on the coordinator's page."""

    list_display = ("name", "estate", "status", "contact_name", "created_at")
    list_filter = ("estate", "status")
    list_select_related = ("estate",)
    search_fields = ("name",)
    fields = ("estate", "name", "plan", "cost_fen", "paid_by", "contact_name", "contact_phone")
    inlines = [BuildingInline, ItemInline, TimetableInline]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = clock.now()
        if not change:
            obj.created_at = obj.status_changed_at = now
        super().save_model(request, obj, form, change)
        if not change:
            begin(obj, by=request.user, now=now)


@admin.register(Crew)
class CrewAdmin(OfficeAdmin):
    """Who comes; the hours stand with the resource."""

    estate_path: ClassVar[str] = "resource__estate"
    list_display = ("__str__", "foreman", "phone", "is_noisy", "estate")
    list_filter = ("resource__estate", "is_noisy")
    list_select_related = ("resource__estate",)
    filter_horizontal = ("members",)

    @display(description=_("estate"))
    def estate(self, crew: Crew) -> str:
        return str(crew.resource.estate)


@admin.register(NoiseHours)
class NoiseHoursAdmin(OfficeAdmin):
    list_display = ("days", "opens", "closes", "estate")
    list_filter = ("estate", "days")
    list_select_related = ("estate",)


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, OfficeAdmin):
    estate_path: ClassVar[str] = "project__estate"
    list_display = ("building", "item", "crew", "opens_at", "told_at")
    list_filter = ("project__estate", "project")
    list_select_related = ("building", "item", "crew__resource")


class ParticipationResource(OfficeResource):
    home = Field(attribute="home", column_name="home")
    answer = Field(attribute="get_answer_display", column_name="answer")
    state = Field(attribute="get_state_display", column_name="state")

    class Meta:
        model = Participation
        fields = ("home", "answer", "state", "answered_at")


@admin.register(Participation)
class ParticipationAdmin(ReadOnly, OfficeExport, OfficeAdmin):
    """Who takes part and how far it is; the wishes are for the crew and the coordinator's page."""

    resource_classes = [ParticipationResource]
    estate_path: ClassVar[str] = "project__estate"
    list_display = ("home", "answer", "state", "answered_at", "project")
    list_filter = ("project__estate", "project", "answer", "state")
    list_select_related = ("home__entrance__building", "project")
    search_fields = ("home__number", "home__entrance__building__name")
    fields = ("project", "home", "answer", "state", "shares_pictures", "answered_at", "answered_by")


class AppointmentResource(OfficeResource):
    estate = Field(attribute="estate__name", column_name="estate")
    item = Field(attribute="item__name", column_name="item")
    home = Field(attribute="home", column_name="home")
    starts_at = Field(attribute="starts_at", column_name="starts_at")
    status = Field(attribute="get_status_display", column_name="status")

    class Meta:
        model = Appointment
        fields = ("reference", "estate", "item", "home", "starts_at", "status", "warranty_until")


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, OfficeExport, OfficeAdmin):
    """Every appointment; what is done with it, is done on the coordinator's page."""

    resource_classes = [AppointmentResource]
    list_display = ("reference", "item", "home", "when", "state", "resident", "warranty_until", "estate")
    list_filter = ("estate", "status", "item")
    list_select_related = (
        "item",
        "home__entrance__building",
        "place__slot__resource__crew",
        "resident",
        "estate",
    )
    search_fields = ("reference", "resident__name", "home__number")
    phone_paths = ("resident__phone_index",)
    fields = (
        "reference",
        "project",
        "item",
        "home",
        "when",
        "state",
        "resident",
        "booked_by",
        "warranty_until",
    )
    readonly_fields = ("when", "state")

    @display(description=_("appointment time"), ordering="place__slot__starts_at")
    def when(self, row: Appointment) -> str:
        return f"{day_words(row.starts_at)} {span_words(row.starts_at, row.ends_at)}"

    @display(description=_("state"), label=LABELS)
    def state(self, row: Appointment) -> tuple[str, str]:
        return row.status, row.get_status_display()
