"""Excel out: what a list shows, for whoever may, and on record."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from import_export.admin import ExportMixin
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource
from openpyxl import Workbook
from unfold.contrib.import_export.forms import ExportForm

from community.core import audit, clock
from community.core.office import estates_for

# A cell that begins so would be run by a spreadsheet (also after saving it as CSV).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILTER_NAME = re.compile(r"[a-z_]{1,80}")


def harmless(value: Any) -> Any:
    """A text that a spreadsheet shows and never runs; other values as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def sheet(
    request: HttpRequest,
    *,
    name: str,
    file_name: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    estate_id: int,
) -> HttpResponse:
    """A sheet of one estate, and the record of it by ``name``; who may is asked before."""
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    page.append([harmless(str(one)) for one in columns])
    count = 0
    for row in rows:
        page.append([harmless(one) for one in row])
        count += 1
    packed = io.BytesIO()
    book.save(packed)
    audit.record(f"export.{name}", by=request.user, estate_id=estate_id, request=request, rows=count)
    response = HttpResponse(packed.getvalue(), content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{file_name}.xlsx"'
    return response


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

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Seeing the rows of an estate is not yet the right to carry them away."""
        rows: QuerySet[Any] = super().get_export_queryset(request)
        if request.user.is_superuser:  # type: ignore[union-attr]
            return rows
        return self.rows_of(rows, estates_for(request, self.right("export")))  # type: ignore[attr-defined]

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        day = clock.today(clock.now())
        return f"{queryset.model._meta.model_name}-{day:%Y%m%d}.xlsx"

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> HttpResponse:
        answer = super()._do_file_export(file_format, request, queryset, export_form=export_form)
        # Names of filters only: what was searched for may be a name or a number.
        detail = {"rows": queryset.count(), "filters": sorted(filter(FILTER_NAME.fullmatch, request.GET))}
        action = f"export.{queryset.model._meta.label_lower}"
        estate = self._one_estate(request, queryset)
        audit.record(action, by=request.user, estate_id=estate, request=request, **detail)
        return answer

    def _one_estate(self, request: HttpRequest, queryset: QuerySet[Any]) -> int | None:
        """The estate, where the rows are of one."""
        estates = estates_for(request, self.right("export"))  # type: ignore[attr-defined]
        path = self.estate_path  # type: ignore[attr-defined]
        if len(estates) != 1 and path:
            estates = set(queryset.order_by().values_list(path, flat=True).distinct()[:2])
        return estates.pop() if len(estates) == 1 else None
