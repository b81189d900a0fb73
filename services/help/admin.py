from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from community.core.admin_base import (
    BaseHistoryInline,
    EstateScopedAdmin,
    PhoneReadRecorded,
    ReadOnly,
    ReadOnlyInline,
)
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from services.help.models import HelpCall, HelpChange, HelpStep

LABELS = {
    HelpCall.Status.CALLING: "danger",
    HelpCall.Status.COMING: "info",
    HelpCall.Status.CANCELLED: "warning",
    HelpCall.Status.ENDED: "success",
}


class HistoryInline(BaseHistoryInline):
    model = HelpChange
    fields = ("at", "step", "actor", "on_behalf_of", "responder_name", "place")


class NotifiedInline(ReadOnlyInline):
    model = HelpStep
    verbose_name_plural = _("who was told")
    fields = readonly_fields = ("at", "told", "whose")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("told")

    @admin.display(description=_("as"))
    def whose(self, step: HelpStep) -> str:
        return str(_("family") if step.is_of_family else _("on duty"))


class HelpCallResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    drill = Field(column_name="演练")
    resident = Field(attribute="resident__name", column_name="住户")
    where = Field(attribute="where", column_name="位置")
    status = Field(attribute="get_status_display", column_name="状态")
    responder = Field(attribute="responder__name", column_name="谁去的")
    created_at = Field(attribute="created_at", column_name="求助时间")
    answered_at = Field(attribute="answered_at", column_name="应答时间")
    outcome = Field(attribute="get_outcome_display", column_name="结果")

    class Meta:
        model = HelpCall
        fields = (
            *("estate", "reference", "drill", "resident", "where", "status", "responder", "created_at"),
            *("answered_at", "outcome"),
        )

    def dehydrate_where(self, call: HelpCall) -> str:
        return str(call.where)

    def dehydrate_drill(self, call: HelpCall) -> bool:
        return call.is_drill


@admin.register(HelpCall)
class HelpCallAdmin(PhoneReadRecorded, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Calls of the user's estates, read only; they are answered and ended on the desk's pages."""

    resource_classes = [HelpCallResource]
    list_display = (
        *("reference", "resident", "where_shown", "state", "is_drill", "responder", "created_at"),
        *("answered_at", "outcome", "estate"),
    )
    list_filter = ("is_drill", "status", "outcome", "estate", "created_at")
    list_select_related = (
        *("resident", "responder", "estate", "home__entrance__building__estate"),
        "entrance__building",
    )
    found_by = Ways(people=("resident", "reported_by"), homes=("home",), references=("reference",))
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": (("reference", "status", "is_drill"), "where_shown", "description")}),
        (_("people"), {"fields": (("resident", "resident_phone"), "reported_by", "responder")}),
        (_("times"), {"fields": ("created_at", "pressed_again_at", "answered_at", "status_changed_at")}),
        (_("what had happened"), {"fields": ("outcome", "words")}),
    )
    readonly_fields = ("where_shown", "resident_phone")
    inlines = [HistoryInline, NotifiedInline]

    def number_on(self, row: HelpCall) -> str:
        return row.resident.phone

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, call: HelpCall) -> tuple[str, str]:
        return call.status, call.get_status_display()

    @admin.display(description=_("where"))
    def where_shown(self, call: HelpCall) -> str:
        return str(call.where)

    @admin.display(description=_("mobile number"))
    def resident_phone(self, call: HelpCall) -> str:
        return call.resident.phone_national
