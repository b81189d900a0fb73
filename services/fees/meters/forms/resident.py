"""Form with which a resident sends the value of a meter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.common.forms import PicturesField
from services.fees.meters.forms.fields import MeterValueField


class OwnReadingForm(forms.Form):
    """A picture of the meter and its value; the tick appears once the value is odd."""

    pictures = PicturesField(
        label=_("Picture of the meter"),
        most=1,
        error_messages={"required": _("Please take a picture of the meter.")},
    )
    value = MeterValueField()
    is_sure = forms.BooleanField(label=_("I have checked it: the value is right"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = bool(self.data.get("is_sure"))
