from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from accounts.models import StaffRole, User
from community.core import clock, dates
from community.core.admin_base import (
    BaseHistoryInline,
    ChildInline,
    EstateScopedAdmin,
    PhoneReadRecorded,
    ReadOnly,
    estates_for,
)
from community.core.dates import near
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from community.core.transitions import record_first_status
from community.estates.models import Building, Entrance
from services.renovation import KEY
from services.renovation.models import (
    Appointment,
    AppointmentChange,
    Campaign,
    Crew,
    NoiseHours,
    Participation,
    ProjectBuilding,
    ProjectChange,
    RenovationProject,
    TimetableRow,
    WorkItem,
)

SHORTEST_MINUTES = 5
LABELS = {
    Appointment.Status.BOOKED: "info",
    Appointment.Status.UNDER_WAY: "warning",
    Appointment.Status.DONE: "warning",
    Appointment.Status.CONFIRMED: "success",
    Appointment.Status.DEFECTS: "danger",
    Appointment.Status.CANCELLED: "default",
    Appointment.Status.MISSED: "danger",
}


def _of_estate(obj: Any, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Limits the rows to the project's estate; none for a project without one."""
    return rows.filter(**{path: obj.estate_id}) if obj is not None else rows.none()


class BuildingInline(ChildInline):
    model = ProjectBuilding
    fields = ("building",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = _of_estate(_project_of(request), Building.objects.all(), "estate")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a building may be removed: not once the project has appointments."""
        is_begun = obj is not None and obj.appointments.exists()
        return not is_begun and super().has_delete_permission(request, obj)


class TimetableForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("begins_on") and given.get("ends_on") and given["ends_on"] < given["begins_on"]:
            self.add_error("ends_on", _("The end must be after the beginning."))
        for name in ("begins_on", "ends_on"):
            if given.get(name) and near(given[name]) is None:
                self.add_error(name, _("Please write a day of our time."))
        return given


class TimetableInline(ChildInline):
    model = TimetableRow
    form = TimetableForm
    fields = ("begins_on", "ends_on", "what")


class ItemForm(forms.ModelForm):
    """Form of a work item: shared work on an entrance names it, and work with appointments stays in the
    homes.
    """

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        where = given.get("where")
        if where == WorkItem.Where.ENTRANCE and not given.get("entrance"):
            self.add_error("entrance", _("Please choose the entrance."))
        elif where and where != WorkItem.Where.ENTRANCE:
            given["entrance"] = None
        if (given.get("minutes") or SHORTEST_MINUTES) < SHORTEST_MINUTES:
            self.add_error("minutes", _("An appointment takes at least 5 minutes."))
        if self.instance.pk and "where" in self.changed_data and self.instance.appointments.exists():
            self.add_error("where", _("There are appointments for this work already."))
        return given


class ItemInline(ChildInline):
    model = WorkItem
    form = ItemForm
    fields = (
        *("name", "where", "entrance", "minutes", "is_noisy", "icon", "warranty_months", "about"),
        "position",
    )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        entrances = Entrance.objects.select_related("building").order_by("building__position", "position")
        kwargs["queryset"] = _of_estate(_project_of(request), entrances, "building__estate")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_begun = obj is not None and obj.appointments.exists()
        return not is_begun and super().has_delete_permission(request, obj)


def _project_of(request: HttpRequest) -> RenovationProject | None:
    """Returns the project of this page; None while it is being added."""
    number = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
    return RenovationProject.objects.filter(pk=int(number)).first() if number.isdecimal() else None


class HistoryInline(BaseHistoryInline):
    model = ProjectChange


@admin.register(RenovationProject)
class ProjectAdmin(EstateScopedAdmin):
    """Plans of projects; the coordinator's page moves their status.

    Buildings and work items are chosen once the project is stored: they depend on its estate.
    """

    list_display = ("name", "estate", "status", "contact_name", "created_at")
    list_filter = ("estate", "status")
    list_select_related = ("estate",)
    search_fields = ("name",)
    fields = ("estate", "name", "plan", "cost_fen", "paid_by", "contact_name", "contact_phone")
    inlines = [BuildingInline, ItemInline, TimetableInline, HistoryInline]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else list(self.inlines)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("estate",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = clock.now()
        if not change:
            obj.created_at = obj.status_changed_at = now
        super().save_model(request, obj, form, change)
        if not change:
            record_first_status(obj, by=request.user, now=now)


class CrewForm(forms.ModelForm):
    """Form of a crew: its resource is one of renovation, its members have the role of a crew in the estate."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        resource = self.instance.resource if self.instance.pk else given.get("resource")
        if resource and resource.service != KEY:
            self.add_error("resource", _("These are the times of another service."))
        elif resource and "members" in given:
            working = StaffRole.objects.filter(estate=resource.estate_id, role=StaffRole.Role.CREW)
            if given["members"].exclude(pk__in=working.values("user")).exists():
                self.add_error("members", _("Please choose people who work as a crew in this estate."))
        return given


@admin.register(Crew)
class CrewAdmin(EstateScopedAdmin):
    """Crews; their hours are edited with the resource.

    The resource is chosen once: appointments find their crew through the resource of their slots.
    """

    form = CrewForm
    estate_path: ClassVar[str] = "resource__estate"
    list_display = ("__str__", "foreman", "phone", "estate")
    list_filter = ("resource__estate",)
    list_select_related = ("resource__estate",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("resource",) if obj else ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offers only people with the role of a crew in the user's estates, so that no other name is shown."""
        estates = estates_for(request, self.right("change"))
        working = StaffRole.objects.filter(role=StaffRole.Role.CREW, estate__in=estates)
        kwargs["queryset"] = User.objects.filter(pk__in=working.values("user"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @display(description=_("estate"))
    def estate(self, crew: Crew) -> str:
        return str(crew.resource.estate)


class NoiseHoursForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("opens") and given.get("closes") and given["closes"] <= given["opens"]:
            self.add_error("closes", _("The end must be after the beginning."))
        return given


@admin.register(NoiseHours)
class NoiseHoursAdmin(EstateScopedAdmin):
    """Hours for noisy work. The coordinator's page lists earlier appointments that are now in quiet hours."""

    form = NoiseHoursForm
    ends_within_the_day = True
    list_display = ("days", "opens", "closes", "estate")
    list_filter = ("estate", "days")
    list_select_related = ("estate",)


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, EstateScopedAdmin):
    estate_path: ClassVar[str] = "project__estate"
    list_display = ("building", "item", "crew", "opens_at", "told_at")
    list_filter = ("project__estate", "project")
    list_select_related = ("building", "item", "crew__resource")


class ParticipationResource(ExportResource):
    project = Field(attribute="project__name", column_name="改造项目")
    home = Field(attribute="home", column_name="房屋")
    answer = Field(attribute="get_answer_display", column_name="是否参加")
    state = Field(attribute="get_state_display", column_name="进度")
    answered_at = Field(attribute="answered_at", column_name="答复时间")

    class Meta:
        model = Participation
        fields = ("project", "home", "answer", "state", "answered_at")

    def dehydrate_home(self, row: Participation) -> str:
        return str(row.home)


@admin.register(Participation)
class ParticipationAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Answers and progress of homes; wishes are shown to the crew and on the coordinator's page only."""

    resource_classes = [ParticipationResource]
    estate_path: ClassVar[str] = "project__estate"
    list_display = ("home", "answer", "state", "answered_at", "project")
    list_filter = ("project__estate", "project", "answer", "state")
    list_select_related = ("home__entrance__building__estate", "project", "answered_by")
    found_by = Ways(homes=("home",))
    fields = ("project", "home", "answer", "state", "shares_pictures", "answered_at", "answered_by")


class AppointmentHistory(BaseHistoryInline):
    model = AppointmentChange
    fields = ("at", "step", "actor", "on_behalf_of", "starts_at", "reason")


class AppointmentResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    project = Field(attribute="project__name", column_name="改造项目")
    item = Field(attribute="item__name", column_name="改造内容")
    home = Field(attribute="home", column_name="房屋")
    starts_at = Field(attribute="starts_at", column_name="入户时间")
    crew = Field(attribute="crew", column_name="施工队")
    status = Field(attribute="get_status_display", column_name="状态")
    warranty_until = Field(attribute="warranty_until", column_name="保修至")
    face = Field(attribute="satisfaction__get_face_display", column_name="满意度")

    class Meta:
        model = Appointment
        fields = (
            *("estate", "reference", "project", "item", "home", "starts_at", "crew", "status"),
            *("warranty_until", "face"),
        )

    def dehydrate_home(self, appointment: Appointment) -> str:
        return str(appointment.home)

    def dehydrate_crew(self, appointment: Appointment) -> str:
        return str(appointment.crew)


@admin.register(Appointment)
class AppointmentAdmin(PhoneReadRecorded, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Appointments, read-only; the coordinator's pages change them."""

    resource_classes = [AppointmentResource]
    list_display = ("reference", "item", "home", "when", "state", "resident", "warranty_until", "estate")
    list_filter = ("estate", "status", "item", "place__slot__starts_at")
    list_select_related = (
        *("item", "project", "home__entrance__building__estate", "place__slot__resource__crew"),
        *("resident", "booked_by", "estate", "satisfaction"),
    )
    found_by = Ways(people=("resident",), homes=("home",), references=("reference",))
    fieldsets = (
        (None, {"fields": (("reference", "status"), ("project", "item"), ("when", "crew"), "home")}),
        (_("people"), {"fields": (("resident", "resident_phone"), "booked_by")}),
        (_("warranty"), {"fields": ("warranty_until", "face")}),
    )
    readonly_fields = ("when", "crew", "resident_phone", "face")
    inlines = [AppointmentHistory]

    def number_on(self, row: Appointment) -> str:
        return row.resident.phone

    @display(description=_("appointment time"), ordering="place__slot__starts_at")
    def when(self, row: Appointment) -> str:
        return dates.slot_words(row.starts_at, row.ends_at, clock.now())

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, row: Appointment) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @admin.display(description=_("crew"))
    def crew(self, row: Appointment) -> str:
        return str(row.crew)

    @admin.display(description=_("mobile number"))
    def resident_phone(self, row: Appointment) -> str:
        return row.resident.phone_national

    @admin.display(description=_("satisfaction"))
    def face(self, row: Appointment) -> str:
        return str(row.satisfaction.get_face_display()) if row.satisfaction else "–"
