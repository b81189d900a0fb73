"""Admin of feedback, read only, and of standard answers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from import_export.resources import Field
from unfold.decorators import display

from community.core import clock, dates
from community.core.admin_base import (
    BaseHistoryInline,
    EstateScopedAdmin,
    PhoneReadRecorded,
    ReadOnly,
    ReadOnlyInline,
)
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from services.feedback.models import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
    StandardAnswer,
)

LABELS = {
    **dict.fromkeys(Feedback.Status, "default"),
    Feedback.Status.NEW: "info",
    Feedback.Status.WAITING: "warning",
    Feedback.Status.SOLVED_ASKED: "warning",
    Feedback.Status.REOPENED: "danger",
    Feedback.Status.CLOSED: "success",
}


@admin.register(StandardAnswer)
class StandardAnswerAdmin(EstateScopedAdmin):
    list_display = ("title", "words", "position", "estate")
    list_filter = ("estate",)
    list_select_related = ("estate",)
    search_fields = ("title", "words")


class EmptyInput(forms.HiddenInput):
    """Hidden input that renders nothing."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")


class FormsetWithoutIds(BaseInlineFormSet):
    """Formset without row ids in the page: consecutive ids reveal between which other rows one was written."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"].widget = EmptyInput()


class HistoryInline(BaseHistoryInline):
    model = FeedbackChange
    formset = FormsetWithoutIds


class MessageInline(ReadOnlyInline):
    model = FeedbackMessage
    formset = FormsetWithoutIds
    verbose_name_plural = _("messages")
    fields = readonly_fields = ("at", "author", "on_behalf_of", "words", "is_internal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("author", "on_behalf_of")


class PictureInline(ReadOnlyInline):
    model = FeedbackPicture
    verbose_name_plural = _("pictures")
    fields = readonly_fields = ("at", "added_by", "picture")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("added_by")

    @admin.display(description=_("picture"))
    def picture(self, row: FeedbackPicture) -> str:
        small, large = (reverse("feedback_picture", args=[row.pk, size]) for size in ("small", "large"))
        return format_html('<a href="{}"><img src="{}" alt="" width="120" height="90"></a>', large, small)


class FeedbackResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    kind = Field(attribute="get_kind_display", column_name="类型")
    about = Field(attribute="about", column_name="关于")
    resident = Field(attribute="resident__name", column_name="住户", default="")
    description = Field(attribute="description", column_name="内容")
    status = Field(attribute="get_status_display", column_name="状态")
    department = Field(attribute="get_department_display", column_name="部门")
    created_at = Field(attribute="created_at", column_name="提交时间")
    times_reopened = Field(attribute="times_reopened", column_name="退回次数")
    repair_reference = Field(attribute="repair_reference", column_name="转成的报修")
    face = Field(attribute="satisfaction__get_face_display", column_name="满意度")

    class Meta:
        model = Feedback
        fields = (
            *("estate", "reference", "kind", "about", "resident", "description", "status", "department"),
            *("created_at", "times_reopened", "repair_reference", "face"),
        )


@admin.register(Feedback)
class FeedbackAdmin(PhoneReadRecorded, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """The feedback of the user's estates. It is answered on the pages for staff."""

    resource_classes = [FeedbackResource]
    list_display = (
        *("reference", "shown_kind", "about", "resident", "state", "department", "is_anonymous"),
        *("written_at", "estate"),
    )
    list_filter = (
        *("status", "kind", "estate", "department", "is_anonymous", "is_follow_up", "is_escalated"),
        "created_at",
    )
    list_select_related = ("resident", "estate", "satisfaction")
    found_by = Ways(people=("resident",), references=("reference", "repair_reference"))
    search_fields = ("about",)
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": (("reference", "status"), ("kind", "about"), "description")}),
        (_("people"), {"fields": (("resident", "resident_phone"), "reported_by", "is_anonymous")}),
        (_("times"), {"fields": ("written_at", "status_changed_at")}),
        (
            _("work"),
            {
                "fields": (
                    *("department", ("times_reopened", "is_escalated"), "is_follow_up"),
                    *("repair_reference", "rating"),
                )
            },
        ),
    )
    readonly_fields = ("resident_phone", "written_at", "rating")
    inlines = [HistoryInline, MessageInline, PictureInline]

    def number_on(self, row: Feedback) -> str:
        return row.resident.phone if row.resident else ""

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, feedback: Feedback) -> tuple[str, str]:
        return feedback.status, feedback.get_status_display()

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, feedback: Feedback) -> str:
        return feedback.get_kind_display()

    @admin.display(description=pgettext_lazy("feedback", "written"), ordering="created_at")
    def written_at(self, feedback: Feedback) -> str:
        return dates.moment_words(feedback.created_at, clock.now())

    @admin.display(description=_("satisfaction"))
    def rating(self, feedback: Feedback) -> str:
        return feedback.satisfaction.get_face_display() if feedback.satisfaction else "-"

    @admin.display(description=_("mobile number"))
    def resident_phone(self, feedback: Feedback) -> str:
        return feedback.resident.phone_national if feedback.resident else "-"
