"""Excel out: what a list shows, for whoever may, and on record."""

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
from community.core.admin_base import estates_for
from community.core.models import ExportFile
from community.core.typed_text import clean

# A cell that begins so would be run by a spreadsheet (also after saving it as CSV).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A longer one is made in the background.
MOST_AT_ONCE = 500
PROGRESS_EVERY = 200
NOT_IN_A_TITLE = re.compile(r"[\\/*?:\[\]]")
NOT_IN_A_NAME = re.compile(r"[\\/*?:<>|\"\n\t]+")
LONGEST_NAME = 100
FILTER_NAME = re.compile(r"[a-z_]{1,80}")


# How a cell shows what it holds. Amounts have two decimals, so that a column lines up.
MOMENT, DAY, CLOCK, AMOUNT, MONTH = "yyyy-mm-dd hh:mm", "yyyy-mm-dd", "hh:mm", "0.00", "yyyy-mm"


class Shown(NamedTuple):
    """A value with the format in which its cell shows it."""

    value: Any
    number_format: str


def month(day: date | None) -> Shown | None:
    """The month of a day, as a date that sorts and filters."""
    return Shown(day, MONTH) if day is not None else None


def hundredths(count: int | None) -> Decimal | None:
    """Fen as yuan, or 0.01 m² as m²: a number that adds up; None for none."""
    return Decimal(count) / 100 if count is not None else None


def harmless(value: Any) -> Any:
    """A text that a spreadsheet shows and never runs; other values as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


@dataclass(frozen=True)
class Order:
    """A sheet that is asked for: what stands in it, and who may have it."""

    file_name: str
    title: str
    columns: Sequence[str]
    # Gone through once, and only where the sheet is made.
    rows: Iterable[Sequence[Any]]
    count: int
    right: str
    estates: Sequence[int]
    # A line above the columns.
    above: str = ""


def deliver(request: HttpRequest, order: Order, *, record: Callable[[int], None]) -> HttpResponse:
    """The sheet; or, where it is long, the page that tells how far it is.

    ``record`` writes down that so many rows were carried away; who may is asked before.
    """
    export: ExportFile | None = getattr(request, "export_file", None)
    if export is None and order.count > MOST_AT_ONCE:
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
    """As a sheet can hold it: dates and numbers as such, texts defused and without what no sheet may hold.

    A moment is that of the estate's clock: cash taken at 01:01 stands under that day.
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
    """A sheet of one estate, and the record of it by ``name``; who may is asked before."""
    [estate] = order.estates

    def record(count: int) -> None:
        audit.record(
            f"export.{name}", by=request.user, target=target, estate_id=estate, request=request, rows=count
        )

    return deliver(request, order, record=record)


class ExportResource(ModelResource):
    """The columns of an export, headed in words; values leave as they are, for ``_cell`` to write."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        dehydrate = getattr(self, f"dehydrate_{self.get_field_name(field)}", None)
        return dehydrate(instance) if dehydrate is not None else field.get_value(instance)

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        """A column that has no heading of its own is headed as the model calls it."""
        return [self._heading(field) for field in self.get_export_fields(selected_fields)]

    def _heading(self, field: Any) -> str:
        if field.column_name != self.get_field_name(field):
            return str(field.column_name)
        model: type[Model] = self._meta.model
        return str(model._meta.get_field(field.column_name).verbose_name)  # type: ignore[union-attr]


class ExportAdmin(ExportMixin):
    """An export button above a list: the rows that are filtered, of the estates that one sees."""

    export_form_class = ExportForm
    skip_export_form = True
    # Whether whole mobile numbers stand in the sheet: its record says how many.
    exports_numbers = False

    def get_export_formats(self) -> list[Any]:
        return [XLSX]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "export")  # type: ignore[attr-defined]

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Seeing the rows of an estate is not yet the right to carry them away."""
        try:
            rows: QuerySet[Any] = super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error
        if request.user.is_superuser:  # type: ignore[union-attr]
            return rows
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
            # Names of filters only: what was searched for may be a name or a number.
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
        """The estate, where the rows are of one."""
        estates = estates_for(request, self.right("export"))  # type: ignore[attr-defined]
        path = self.estate_path  # type: ignore[attr-defined]
        if len(estates) != 1 and path:
            estates = set(queryset.order_by().values_list(path, flat=True).distinct()[:2])
        return estates.pop() if len(estates) == 1 else None
