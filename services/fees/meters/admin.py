"""Admin of meter readings: read only but for their import."""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from community.core import clock
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.search.filtering import Ways
from community.estates.admin_imports import SheetForm, SheetImportAdmin
from services.fees.meters.imports import ReadingImport
from services.fees.meters.words import value_words
from services.fees.models import MeterReading


class DayInput(UnfoldAdminTextInputWidget):
    input_type = "date"


class ReadingSheetForm(SheetForm):
    """Asks for the day of the round beside the file."""

    day = forms.DateField(
        label=_("Day of the round"),
        help_text=_("For rows without a day of their own."),
        widget=DayInput(),
        initial=lambda: f"{clock.today(clock.now()):%Y-%m-%d}",
        error_messages={"required": _("Please choose a day.")},
    )

    def answers(self) -> dict[str, Any]:
        return {"day": self.cleaned_data["day"].isoformat()}


@admin.register(MeterReading)
class ReadingAdmin(ReadOnly, SheetImportAdmin, EstateScopedAdmin):
    sheet_import = ReadingImport
    start_form_class = ReadingSheetForm
    estate_path = "meter__estate"
    import_export_change_list_template = "admin/import_export/change_list_import.html"
    list_display = ("on", "meter", "place", "value", "status", "flag", "source", "by")
    list_filter = ("meter__estate", "status", "source")
    list_select_related = ("meter__home__entrance__building", "meter__building", "meter__estate", "by")
    found_by = Ways(homes=("meter__home",))
    exclude = ("value_milli",)
    readonly_fields = ("value",)

    def list_address(self) -> str:
        return reverse("fees_readings")

    @admin.display(description=_("value"))
    def value(self, reading: MeterReading) -> str:
        return f"{value_words(reading.value_milli)} {reading.meter.get_unit_display()}"

    @admin.display(description=_("place"))
    def place(self, reading: MeterReading) -> str:
        return reading.meter.place
