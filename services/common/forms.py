"""Form fields and forms shared by services."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from services.common.models import Satisfaction

MAX_PICTURES_PER_UPLOAD = 6


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Pictures, at most ``most`` at a time; cleans to a list of files.

    The action that stores them checks that they are pictures.
    """

    widget = ManyFilesInput
    is_pictures = True
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please choose at least one picture."),
        "too_many": _("At most %(max)s pictures."),
    }

    def __init__(self, *, most: int = MAX_PICTURES_PER_UPLOAD, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Pictures"), **kwargs})
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        files = [super(PicturesField, self).clean(one, initial) for one in given]
        if len(files) > self.most:
            raise forms.ValidationError(self.error_messages["too_many"], "too_many", {"max": self.most})
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], "required")
        return files


class RatingForm(forms.Form):
    """Rating by three faces, with optional words."""

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
