"""The shapes that services share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.common.models import Satisfaction


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; cleans to a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(ManyFilesField, self).clean(one, initial) for one in files]


class RatingForm(forms.Form):
    """Three faces, and words if one likes."""

    face = forms.TypedChoiceField(
        choices=Satisfaction.Face,
        coerce=int,
        error_messages={"required": _("Please choose one of the three faces.")},
    )
    words = forms.CharField(
        label=_("Anything to add? You can leave it empty."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Please keep it under 2,000 characters.")},
    )
