"""Excel out: what a list shows, for whoever may, and on record."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from import_export.admin import ExportMixin
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm

from community.core import audit, clock

# A cell that begins so would be run by a spreadsheet (also after saving it as CSV).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """A text that a spreadsheet shows and never runs; other values as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class OfficeResource(ModelResource):
    """The columns of an export; texts that look like formulas are defused."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        return harmless(super().export_field(field, instance, **kwargs))


class OfficeExport(ExportMixin):
    """An export button above a list: the rows that are filtered, of the estates that one sees."""

    export_form_class = ExportForm
    skip_export_form = True

    def get_export_formats(self) -> list[Any]:
        return [XLSX]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "export")  # type: ignore[attr-defined]

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        day = clock.today(clock.now())
        return f"{queryset.model._meta.model_name}-{day:%Y%m%d}.xlsx"

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> HttpResponse:
        answer = super()._do_file_export(file_format, request, queryset, export_form=export_form)
        detail = {"rows": queryset.count(), "filter": request.GET.urlencode()[:200]}
        audit.record(f"export.{queryset.model._meta.label_lower}", by=request.user, request=request, **detail)
        return answer
