from typing import Any

from django.apps import apps
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field

from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from services.common.models import Alarm, ResponseClock, ResponseTime, Satisfaction


class AlarmResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    kind = Field(attribute="get_kind_display", column_name="类型")
    title = Field(attribute="title", column_name="事项")
    place = Field(attribute="place", column_name="地点")
    raised_by = Field(attribute="raised_by__name", column_name="报警人")
    raised_at = Field(attribute="raised_at", column_name="报警时间")
    acknowledged_by = Field(attribute="acknowledged_by__name", column_name="处理人")
    acknowledged_at = Field(attribute="acknowledged_at", column_name="处理时间")

    class Meta:
        model = Alarm
        fields = (
            *("estate", "kind", "title", "place", "raised_by", "raised_at", "acknowledged_by"),
            "acknowledged_at",
        )


@admin.register(Alarm)
class AlarmAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Alarms and the time until they were acknowledged; acknowledged on the board."""

    resource_classes = [AlarmResource]
    list_display = (
        "title",
        "place",
        "estate",
        "raised_by",
        "raised_at",
        "acknowledged_by",
        "acknowledged_at",
    )
    list_filter = ("estate", ("acknowledged_at", admin.EmptyFieldListFilter), "raised_at")
    list_select_related = ("estate", "raised_by", "acknowledged_by")
    found_by = Ways(people=("raised_by",))


class SatisfactionResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    service = Field(column_name="服务")
    reference = Field(attribute="reference", column_name="单号")
    face = Field(attribute="get_face_display", column_name="评价")
    words = Field(attribute="words", column_name="文字说明")
    at = Field(attribute="at", column_name="时间")

    class Meta:
        model = Satisfaction
        fields = ("estate", "service", "reference", "face", "words", "at")

    def dehydrate_service(self, row: Satisfaction) -> str:
        return name_of(row.service)


def name_of(service: str) -> str:
    """Returns the name of a service's app; other values, such as the filter's "all", unchanged."""
    return (
        str(apps.get_app_config(service).verbose_name)
        if apps.is_installed(f"services.{service}")
        else service
    )


class ServiceFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        return [{**one, "display": name_of(str(one["display"]))} for one in super().choices(changelist)]


@admin.register(Satisfaction)
class SatisfactionAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    resource_classes = [SatisfactionResource]
    list_display = ("reference", "service_name", "face", "words", "given_by", "at", "estate")
    list_filter = ("estate", ("service", ServiceFilter), "face", "at")
    list_select_related = ("estate", "given_by")
    exclude = ("service",)
    readonly_fields = ("service_name",)
    found_by = Ways(people=("given_by",), references=("reference",))

    @admin.display(description=_("service"), ordering="service")
    def service_name(self, row: Satisfaction) -> str:
        return name_of(row.service)


@admin.register(ResponseTime)
class ResponseTimeAdmin(EstateScopedAdmin):
    """Working minutes to a first answer that the estate promises."""

    list_display = ("service", "minutes", "estate")
    list_filter = ("estate", "service")
    list_select_related = ("estate",)


class ResponseClockResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    service = Field(attribute="get_service_display", column_name="服务")
    reference = Field(attribute="reference", column_name="单号")
    round = Field(attribute="round", column_name="轮次")
    minutes = Field(attribute="minutes", column_name="首次答复时限（工作分钟）")
    started_at = Field(attribute="started_at", column_name="开始时间")
    due_at = Field(attribute="due_at", column_name="到期时间")
    answered_at = Field(attribute="answered_at", column_name="答复时间")
    paused_minutes = Field(attribute="paused_minutes", column_name="暂停的工作分钟")
    escalation_level = Field(attribute="escalation_level", column_name="上报级别")
    escalated_at = Field(attribute="escalated_at", column_name="上报时间")

    class Meta:
        model = ResponseClock
        fields = (
            *("estate", "service", "reference", "round", "minutes", "started_at", "due_at", "answered_at"),
            *("paused_minutes", "escalation_level", "escalated_at"),
        )


@admin.register(ResponseClock)
class ResponseClockAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Response times of requests, written by the services only."""

    resource_classes = [ResponseClockResource]
    list_display = (
        *("reference", "service", "round", "started_at", "due_at", "answered_at"),
        *("escalation_level", "estate"),
    )
    list_filter = (
        *("estate", "service", ("answered_at", admin.EmptyFieldListFilter), "escalation_level"),
        "started_at",
    )
    list_select_related = ("estate",)
    found_by = Ways(references=("reference",))
