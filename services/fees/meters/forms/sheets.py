"""Form with which a sheet of readings is uploaded."""

from django import forms
from django.utils.translation import gettext_lazy as _

from services.fees.meters.forms.staff import day_field


class SheetForm(forms.Form):
    import_file = forms.FileField(
        label=_("Excel file"),
        help_text=_("With the columns Serial and Reading, and Date where rows have days of their own."),
        error_messages={"required": _("Please choose a file."), "empty": _("This file is empty.")},
    )
    day = day_field(_("Day of the round"))
