from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from community.core.admin_base import BaseHistoryInline, EstateScopedAdmin, ReadOnly, ReadOnlyInline
from community.core.exports import ExportAdmin, ExportResource
from community.notices import body
from community.notices.models import Notice, NoticeChange, NoticePart

LABELS = {
    Notice.Status.DRAFT: "default",
    Notice.Status.SCHEDULED: "warning",
    Notice.Status.PUBLISHED: "success",
    Notice.Status.WITHDRAWN: "danger",
    Notice.Status.DISCARDED: "default",
}


class HistoryInline(BaseHistoryInline):
    model = NoticeChange


class PartInline(ReadOnlyInline):
    model = NoticePart
    fields = ("building", "entrance", "home")


class NoticeResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    title = Field(attribute="title", column_name="标题")
    kind = Field(attribute="get_kind_display", column_name="类型")
    text = Field(column_name="内容")
    scope = Field(attribute="get_scope_display", column_name="范围")
    status = Field(attribute="get_status_display", column_name="状态")
    published_at = Field(attribute="published_at", column_name="发布时间")
    ends_at = Field(attribute="ends_at", column_name="截止时间")

    class Meta:
        model = Notice
        fields = ("estate", "title", "kind", "text", "scope", "status", "published_at", "ends_at")

    def dehydrate_text(self, notice: Notice) -> str:
        return body.plain(notice.body)


@admin.register(Notice)
class NoticeAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Notices of the user's estates, read-only: they are written and published on the desk's own pages."""

    resource_classes = [NoticeResource]
    list_display = ("title", "shown_kind", "is_urgent", "state", "scope", "published_at", "ends_at", "estate")
    list_filter = ("estate", "status", "kind", "is_urgent", "created_at")
    list_select_related = ("estate",)
    search_fields = ("title",)
    date_hierarchy = "created_at"
    fields = (
        *("estate", "title", "text", "kind", "is_urgent", "scope", "group_name", "status", "written_by"),
        *("created_at", "publish_at", "published_at", "corrected_at", "ends_at", "told_at", "code"),
    )
    readonly_fields = ("text",)
    inlines = [PartInline, HistoryInline]

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, notice: Notice) -> tuple[str, str]:
        return notice.status, notice.get_status_display()

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, notice: Notice) -> str:
        return notice.get_kind_display()

    @admin.display(description=_("text"))
    def text(self, notice: Notice) -> Any:
        return body.plain(notice.body)
