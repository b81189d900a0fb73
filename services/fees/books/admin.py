"""Admin of opening balances: read only but for their import."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.amounts import YuanField
from community.core.money import as_yuan
from community.estates.admin_imports import ConfirmSheetForm, SheetImportAdmin
from services.fees.books.actions.openings import difference_words
from services.fees.books.imports import OpeningImport
from services.fees.models import Opening


class ControlTotalsForm(ConfirmSheetForm):
    """Totals of the old books, typed: an import that does not balance with them is refused."""

    asked: ClassVar[tuple[str, ...]] = ("arrears_fen", "prepaid_fen")

    arrears_fen = YuanField(
        label=_("Arrears in all, by your old books (yuan)"),
        error_messages={"required": _("Please type the total of your old books; 0 if there is none.")},
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    prepaid_fen = YuanField(
        label=_("Prepayments in all, by your old books (yuan)"),
        error_messages={"required": _("Please type the total of your old books; 0 if there is none.")},
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name in self.asked:
            if typed.get(name) is None:
                continue
            if words := difference_words(self.outcome.get(name, 0), typed[name]):
                self.add_error(name, forms.ValidationError(words, code="does_not_balance"))
        return typed


@admin.register(Opening)
class OpeningAdmin(ReadOnly, SheetImportAdmin, EstateScopedAdmin):
    sheet_import = OpeningImport
    confirm_form_class = ControlTotalsForm
    import_export_change_list_template = "admin/import_export/change_list_import.html"
    list_display = ("created_at", "estate", "status", "bill_count", "arrears", "prepaid", "made_by")
    list_filter = ("estate", "status")
    list_select_related = ("estate", "made_by")
    exclude = ("arrears_fen", "prepaid_fen")
    readonly_fields = ("arrears", "prepaid")

    def list_address(self) -> str:
        return reverse("fees_openings")

    @admin.display(description=_("arrears"), ordering="arrears_fen")
    def arrears(self, opening: Opening) -> str:
        return as_yuan(opening.arrears_fen)

    @admin.display(description=_("paid ahead"), ordering="prepaid_fen")
    def prepaid(self, opening: Opening) -> str:
        return as_yuan(opening.prepaid_fen)
