"""Admin of the files of banks: read only but for their import."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget

from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.money import as_yuan
from community.estates.admin_imports import ConfirmSheetForm, SheetImportAdmin
from services.fees.matching.imports import BankImport
from services.fees.models import BankSheet


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
