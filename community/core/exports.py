"""Excel exports of lists, for users with the export right; recorded."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, NUMERIC_TYPES
from unfold.contrib.import_export.forms import ExportForm

from community.core import actions, audit, clock
from community.core.admin_base import administration_of, estates_for
from community.core.models import ExportFile
from community.core.typed_text import clean

# Beginnings of cells that spreadsheets would run as formulas (also after saving as CSV).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Longer exports are made in the background.
MAX_AT_ONCE = 500
PROGRESS_EVERY = 200
NOT_IN_A_TITLE = re.compile(r"[\\/*?:\[\]]")
NOT_IN_A_NAME = re.compile(r"[\\/*?:<>|\"\n\t]+")
LONGEST_NAME = 100
FILTER_NAME = re.compile(r"[a-z_]{1,80}")


# Number formats. Amounts have two decimals, so that columns align.
MOMENT, DAY, CLOCK, AMOUNT, MONTH = "yyyy-mm-dd hh:mm", "yyyy-mm-dd", "hh:mm", "0.00", "yyyy-mm"


class Shown(NamedTuple):
    """A value with its number format."""

    value: Any
    number_format: str


def month(day: date | None) -> Shown | None:
    """Returns the month of a day as a date that sorts and filters."""
    return Shown(day, MONTH) if day is not None else None


def hundredths(count: int | None) -> Decimal | None:
    """Converts fen to yuan, or 0.01 m² to m², as a number that can be summed; None for None."""
    return Decimal(count) / 100 if count is not None else None


def harmless(value: Any) -> Any:
    """Prefixes texts that a spreadsheet would run as a formula; returns other values unchanged."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


@dataclass(frozen=True)
class Order:
    """A requested sheet: its content and the right that it requires."""

    file_name: str
    title: str
    columns: Sequence[str]
    # Iterated once, when the sheet is made.
    rows: Iterable[Sequence[Any]]
    count: int
    right: str
    estates: Sequence[int]
    # Line above the columns.
    above: str = ""


def deliver(request: HttpRequest, order: Order, *, record: Callable[[int], None]) -> HttpResponse:
    """Returns the sheet, or a redirect to the progress page of a long one.

    The caller has checked the right; ``record(count)`` writes the audit record.
    """
    export: ExportFile | None = getattr(request, "export_file", None)
    if export is None and order.count > MAX_AT_ONCE:
        export = actions.request_export(
            page=request.get_full_path(),
            title=order.title,
            file_name=order.file_name[:LONGEST_NAME],
            right=order.right,
            estates=sorted(order.estates),
            total=order.count,
            by=request.user,
            address=audit.address_of(request),
            now=clock.now(),
        )
        return redirect("export_file", export.pk)
    packed, count = _book(order, export)
    record(count)
    return as_sheet(packed, order.file_name[:LONGEST_NAME])


def as_sheet(content: bytes, file_name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX_TYPE)
    name = NOT_IN_A_NAME.sub(" ", clean(file_name))
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _book(order: Order, export: ExportFile | None) -> tuple[bytes, int]:
    book = Workbook(write_only=True)
    page = book.create_sheet(NOT_IN_A_TITLE.sub(" ", order.title)[:31])
    if order.above:
        page.append([_cell(page, order.above)])
    page.append([_cell(page, str(one)) for one in order.columns])
    count = 0
    for row in order.rows:
        page.append([_cell(page, one) for one in row])
        count += 1
        if export is not None and count % PROGRESS_EVERY == 0:
            actions.note_progress(export=export, done=count, now=clock.now())
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue(), count


def _cell(page: Any, value: Any) -> Any:
    """Converts a value to a cell: dates and numbers keep their type, texts are made harmless.

    Datetimes are in the estate's time zone, so that cash taken at 01:01 belongs to that day.
    """
    held: Any
    value, number_format = value if isinstance(value, Shown) else (value, "")
    match value:
        case None:
            return None
        case bool():
            return str(_("Yes")) if value else str(_("No"))
        case datetime():
            held = (clock.local(value) if value.tzinfo else value).replace(tzinfo=None, microsecond=0)
            number_format = number_format or MOMENT
        case date():
            held, number_format = value, number_format or DAY
        case time():
            held, number_format = value.replace(tzinfo=None), number_format or CLOCK
        case Decimal():
            held, number_format = value, number_format or AMOUNT
        case _ if isinstance(value, NUMERIC_TYPES):
            held = value
        case _:
            return harmless(ILLEGAL_CHARACTERS_RE.sub("", clean(str(value))))
    cell = WriteOnlyCell(page, value=held)
    if number_format:
        cell.number_format = number_format
    return cell


def sheet(
    request: HttpRequest,
    *,
    name: str,
    order: Order,
    target: Model | None = None,
) -> HttpResponse:
    """Returns a sheet of one estate and records the export under ``name``; the caller has checked the right."""
    [estate] = order.estates

    def record(count: int) -> None:
        audit.record(
            f"export.{name}", by=request.user, target=target, estate_id=estate, request=request, rows=count
        )

    return deliver(request, order, record=record)


class ExportResource(ModelResource):
    """Columns of an export with headings in words; values keep their types for ``_cell``."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        dehydrate = getattr(self, f"dehydrate_{self.get_field_name(field)}", None)
        return dehydrate(instance) if dehydrate is not None else field.get_value(instance)

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        """Returns headings; columns without one use the model's field names."""
        return [self._heading(field) for field in self.get_export_fields(selected_fields)]

    def _heading(self, field: Any) -> str:
        if field.column_name != self.get_field_name(field):
            return str(field.column_name)
        model: type[Model] = self._meta.model
        return str(model._meta.get_field(field.column_name).verbose_name)  # type: ignore[union-attr]


class ExportAdmin(ExportMixin):
    """Export button above a list: exports the filtered rows of estates in which the user has the right."""

    export_form_class = ExportForm
    skip_export_form = True
    # Whether the sheet contains whole mobile numbers; the record then has their count.
    exports_numbers = False

    def get_export_formats(self) -> list[Any]:
        return [XLSX]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "export")  # type: ignore[attr-defined]

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Limits to estates in which the user may export, not only view."""
        try:
            rows: QuerySet[Any] = super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error
        if administration := administration_of(request):
            return self.rows_for(rows, administration)  # type: ignore[attr-defined, no-any-return]
        return self.rows_of(rows, estates_for(request, self.right("export")))  # type: ignore[attr-defined]

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> HttpResponse:
        if not self.has_export_permission(request):
            raise PermissionDenied
        meta = queryset.model._meta
        resource = self.choose_export_resource_class(export_form, request)(
            **self.get_export_resource_kwargs(request)
        )
        order = Order(
            file_name=f"{meta.verbose_name_plural}-{clock.today(clock.now()):%Y%m%d}",
            title=str(meta.verbose_name_plural),
            columns=resource.get_export_headers(),
            rows=(
                resource.export_resource(row, force_native_type=True)
                for row in resource.iter_queryset(queryset)
            ),
            count=queryset.count(),
            right=self.right("export"),  # type: ignore[attr-defined]
            estates=sorted(estates_for(request, self.right("export"))),  # type: ignore[attr-defined]
        )

        def record(count: int) -> None:
            # Only the names of filters: the search text may be a name or a number.
            detail: dict[str, Any] = {
                "rows": count,
                "filters": sorted(filter(FILTER_NAME.fullmatch, request.GET)),
            }
            if self.exports_numbers:
                detail["numbers"] = count
            estate = self._one_estate(request, queryset)
            audit.record(
                f"export.{meta.label_lower}", by=request.user, estate_id=estate, request=request, **detail
            )

        return deliver(request, order, record=record)

    def _one_estate(self, request: HttpRequest, queryset: QuerySet[Any]) -> int | None:
        """Returns the estate if all rows belong to one."""
        estates = estates_for(request, self.right("export"))  # type: ignore[attr-defined]
        path = self.estate_path  # type: ignore[attr-defined]
        if len(estates) != 1 and path:
            estates = set(queryset.order_by().values_list(path, flat=True).distinct()[:2])
        return estates.pop() if len(estates) == 1 else None
