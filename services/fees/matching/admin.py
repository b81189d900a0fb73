"""Admin of the reconciliation, read only but for the import of banks' files."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget

from community.core.admin_base import BaseHistoryInline, EstateScopedAdmin, ReadOnly
from community.core.money import as_yuan
from community.estates.admin_imports import ConfirmSheetForm, SheetImportAdmin
from services.fees import labels
from services.fees.matching.imports import BankImport
from services.fees.models import BankSheet, MatchingDay, MatchingDayChange, MatchingDifference


class SourceForm(ConfirmSheetForm):
    """Where the file is from: with which payments its lines are compared."""

    asked: ClassVar[tuple[str, ...]] = ("source",)

    source = forms.ChoiceField(
        label=_("Where is the file from?"),
        choices=[
            (BankSheet.Source.BANK, _("From the bank: transfers and cheques")),
            (BankSheet.Source.ACQUIRER, _("From the company of the card machine: cards and codes")),
        ],
        widget=UnfoldAdminRadioSelectWidget(),
        error_messages={"required": _("Please say where the file is from.")},
    )


@admin.register(BankSheet)
class BankSheetAdmin(ReadOnly, SheetImportAdmin, EstateScopedAdmin):
    sheet_import = BankImport
    confirm_form_class = SourceForm
    import_export_change_list_template = "admin/import_export/change_list_import.html"
    list_display = ("created_at", "estate", "source", "first", "last", "line_count", "came", "made_by")
    list_filter = ("estate", "source")
    list_select_related = ("estate", "made_by")
    exclude = ("in_fen", "out_fen", "fee_fen")
    readonly_fields = ("came", "went", "fee")

    def list_address(self) -> str:
        return reverse("matching")

    @admin.display(description=_("came in"), ordering="in_fen")
    def came(self, sheet: BankSheet) -> str:
        return as_yuan(sheet.in_fen)

    @admin.display(description=_("went out"), ordering="out_fen")
    def went(self, sheet: BankSheet) -> str:
        return as_yuan(sheet.out_fen)

    @admin.display(description=_("fee"))
    def fee(self, sheet: BankSheet) -> str:
        return as_yuan(sheet.fee_fen)


class DayHistory(BaseHistoryInline):
    model = MatchingDayChange


@admin.register(MatchingDay)
class MatchingDayAdmin(ReadOnly, EstateScopedAdmin):
    """Days of accounts and files; a day of a company's account is shown to each of its estates."""

    estate_path = ""
    list_display = ("day", "from_whom", "merchant", "sheet", "status", "matched_at")
    list_filter = ("status", "day")
    list_select_related = ("merchant", "sheet")
    exclude = ("provider", "kind")
    readonly_fields = ("from_whom",)
    inlines = (DayHistory,)

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        """Limits to the days of accounts and files of these estates."""
        return rows.filter(pk__in=MatchingDay.objects.of_estates(estates).values("pk"))

    @admin.display(description=_("provider"), ordering="provider")
    def from_whom(self, day: MatchingDay) -> str:
        return labels.way(day.provider)


@admin.register(MatchingDifference)
class MatchingDifferenceAdmin(ReadOnly, EstateScopedAdmin):
    list_display = ("day", "kind", "there", "here", "found_at", "resolved_at", "resolved_by", "estate")
    list_filter = ("estate", "kind", "found_at")
    list_select_related = ("day__merchant", "day__sheet", "resolved_by", "estate")
    exclude = ("there_fen", "here_fen")
    readonly_fields = ("there", "here")

    @admin.display(description=_("in the statement"), ordering="there_fen")
    def there(self, difference: MatchingDifference) -> str:
        return "" if difference.there_fen is None else as_yuan(difference.there_fen)

    @admin.display(description=_("here"), ordering="here_fen")
    def here(self, difference: MatchingDifference) -> str:
        return "" if difference.here_fen is None else as_yuan(difference.here_fen)
