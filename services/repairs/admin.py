from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import StaffRole, User
from community.core import clock
from community.core.admin_base import (
    BaseHistoryInline,
    EstateScopedAdmin,
    PhoneReadRecorded,
    ReadOnly,
    ReadOnlyInline,
)
from community.core.admin_paging import InUseFilter
from community.core.admin_verbs import BaseDialogForm, ReasonForm, Variant, VerbButtons, verb_button
from community.core.exports import ExportAdmin, ExportResource, hundredths
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from services.repairs import actions, policies
from services.repairs.models import Repair, RepairCategory, RepairChange, RepairMessage, RepairPicture

# Colours of the states in lists: blue is new, orange waits, green is mended.
LABELS = {
    **dict.fromkeys(Repair.Status, "default"),
    Repair.Status.NEW: "info",
    Repair.Status.REOPENED: "danger",
    Repair.Status.WAITING_FOR_PARTS: "warning",
    Repair.Status.WAITING_FOR_RESIDENT: "warning",
    Repair.Status.QUOTED: "warning",
    Repair.Status.DONE: "success",
    Repair.Status.CONFIRMED: "success",
}


class AssignForm(BaseDialogForm):
    worker = forms.ModelChoiceField(User.objects.none(), label=_("Worker"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        estate = Repair.objects.filter(pk=self.object_id).values("estate")
        working = StaffRole.objects.filter(estate__in=estate, role=StaffRole.Role.REPAIR_WORKER)
        people: Any = self.fields["worker"]
        people.queryset = User.objects.filter(pk__in=working.values("user"), is_active=True)


class WordsForm(BaseDialogForm):
    words = forms.CharField(
        label=_("In words"), max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )


@admin.register(RepairCategory)
class RepairCategoryAdmin(EstateScopedAdmin):
    list_display = (
        "name",
        "parent",
        "estate",
        "charge",
        "where",
        "is_emergency",
        "danger",
        "is_offered",
        "position",
    )
    list_filter = (
        "estate",
        "charge",
        "is_emergency",
        "is_offered",
        ("parent", InUseFilter),
    )
    list_select_related = ("parent", "estate")
    search_fields = ("name", "name_en")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limits parents to the upper of the two levels of the catalogue."""
        if db_field.name == "parent":
            kwargs["queryset"] = self.get_queryset(request).filter(parent=None).select_related("estate")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HistoryInline(BaseHistoryInline):
    model = RepairChange
    fields = ("at", "step", "actor", "on_behalf_of", "worker_name", "reason")


class MessageInline(ReadOnlyInline):
    model = RepairMessage
    verbose_name_plural = _("messages")
    fields = readonly_fields = ("at", "author", "on_behalf_of", "words", "is_internal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("author", "on_behalf_of")


class PictureInline(ReadOnlyInline):
    model = RepairPicture
    verbose_name_plural = _("pictures")
    fields = readonly_fields = ("at", "shows", "added_by", "picture")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("added_by")

    @admin.display(description=_("picture"))
    def picture(self, row: RepairPicture) -> str:
        small, large = (reverse("repair_picture", args=[row.pk, size]) for size in ("small", "large"))
        return format_html('<a href="{}"><img src="{}" alt="" width="120" height="90"></a>', large, small)


class RepairResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    what = Field(attribute="category__name", column_name="报修内容")
    where = Field(attribute="where", column_name="位置")
    resident = Field(attribute="resident__name", column_name="住户")
    status = Field(attribute="get_status_display", column_name="状态")
    worker = Field(attribute="worker__name", column_name="维修工")
    created_at = Field(attribute="created_at", column_name="报修时间")
    status_changed_at = Field(attribute="status_changed_at", column_name="更新时间")
    quote = Field(column_name="报价(元)")
    face = Field(attribute="satisfaction__get_face_display", column_name="满意度")
    description = Field(attribute="description", column_name="描述")

    class Meta:
        model = Repair
        fields = (
            *("estate", "reference", "what", "where", "resident", "status", "worker", "created_at"),
            *("status_changed_at", "quote", "face", "description"),
        )

    def dehydrate_where(self, repair: Repair) -> str:
        return str(repair.where)

    def dehydrate_quote(self, repair: Repair) -> Any:
        return hundredths(repair.quote_fen or None)


@admin.register(Repair)
class RepairAdmin(PhoneReadRecorded, VerbButtons, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Repairs of the user's estates, read only; verb buttons change the status through the actions."""

    resource_classes = [RepairResource]
    list_display = (
        "reference",
        "category",
        "where_shown",
        "resident",
        "state",
        "worker",
        "created_at",
        "estate",
    )
    list_filter = (
        *("status", "estate", "is_emergency", ("category__parent", InUseFilter)),
        *(("worker", InUseFilter), "created_at"),
    )
    list_select_related = (
        *("category", "resident", "worker", "estate", "place", "home__entrance__building"),
        "satisfaction",
    )
    found_by = Ways(people=("resident", "reported_by"), homes=("home",), references=("reference",))
    search_fields = ("place__name",)
    date_hierarchy = "created_at"
    fieldsets = (
        (
            None,
            {"fields": (("reference", "status"), ("category", "is_emergency"), "where_shown", "description")},
        ),
        (_("people"), {"fields": (("resident", "resident_phone"), "reported_by", "worker")}),
        (_("times"), {"fields": ("created_at", "status_changed_at", "suits")}),
        (_("price and satisfaction"), {"fields": ("quote", "quote_words", "satisfaction")}),
    )
    readonly_fields = ("where_shown", "resident_phone", "quote", "satisfaction")
    inlines = [HistoryInline, MessageInline, PictureInline]
    actions_detail = (
        *("accept_repair", "assign_repair", "decline_repair", "cancel_repair"),
        *("reopen_repair", "add_internal_note"),
    )

    accept_repair = verb_button("accept_repair", _("Accept"), icon="check", variant=Variant.PRIMARY)
    assign_repair = verb_button("assign_repair", _("Assign"), form=AssignForm, icon="engineering")
    decline_repair = verb_button(
        "decline_repair",
        _("Decline"),
        explains=_("The resident reads the reason."),
        form=ReasonForm,
        icon="block",
    )
    cancel_repair = verb_button(
        "cancel_repair", _("Cancel for the resident"), form=ReasonForm, icon="close", variant=Variant.DANGER
    )
    reopen_repair = verb_button(
        "reopen_repair", _("Not mended"), explains=_("What is still wrong?"), form=WordsForm, icon="replay"
    )
    add_internal_note = verb_button(
        "add_internal_note",
        _("Internal note"),
        explains=_("Only staff read it."),
        form=WordsForm,
        icon="sticky_note_2",
    )

    def number_on(self, row: Repair) -> str:
        return row.resident.phone

    def allowed_here(self, request: HttpRequest, row: Repair) -> set[str]:
        return policies.allowed_verbs(request.user, row)  # type: ignore[arg-type]

    def perform(self, request: HttpRequest, verb: str, row: Repair, filled: dict[str, Any]) -> None:
        given = {name: value for name, value in filled.items() if not name.startswith("_")}
        act: Any = getattr(actions, verb, actions.add_words)
        if verb == "add_internal_note":
            given["is_internal"] = True
        act(repair=row, by=request.user, now=clock.now(), **given)

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, repair: Repair) -> tuple[str, str]:
        return repair.status, repair.get_status_display()

    @admin.display(description=_("where"))
    def where_shown(self, repair: Repair) -> str:
        return str(repair.where)

    @admin.display(description=_("mobile number"))
    def resident_phone(self, repair: Repair) -> str:
        return repair.resident.phone_national

    @admin.display(description=_("quoted price"))
    def quote(self, repair: Repair) -> str:
        return as_yuan(repair.quote_fen) if repair.quote_fen else "-"
