"""Form fields and forms shared by services."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.recordings import MAX_SECONDS, Spoken
from services.common.early_files import (
    EarlyPicture,
    EarlyRecording,
    gone_error,
    read_spoken,
    read_token,
    spoken_gone_error,
)
from services.common.models import Satisfaction

MAX_PICTURES_PER_UPLOAD = 6


class ManyFilesInput(forms.FileInput):
    """The files of the form, and before them the tokens of those that went up ahead of it."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        tokens = data.getlist(f"{name}_early") if hasattr(data, "getlist") else []
        chosen = super().value_from_datadict(data, files, name) or []
        return [*tokens, *(chosen if isinstance(chosen, list | tuple) else [chosen])]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}_early" not in data


class PicturesField(forms.FileField):
    """Pictures, at most ``most`` at a time; cleans to a list of files, and of pictures sent ahead of them.

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
        files = [
            self._early_picture(one)
            if isinstance(one, str)
            else super(PicturesField, self).clean(one, initial)
            for one in given
        ]
        if len(files) > self.most:
            raise forms.ValidationError(self.error_messages["too_many"], "too_many", {"max": self.most})
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], "required")
        return files

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Returns the tokens, for the page that is shown again; a browser does not send files a second time."""
        return [one for one in data or [] if isinstance(one, str)]

    def _early_picture(self, token: str) -> EarlyPicture:
        found = read_token(token)
        if found is None:
            raise forms.ValidationError(str(gone_error().message), "pictures_gone")
        return found


class RecordingInput(forms.FileInput):
    """The recording of the form; without one, the token of what went up ahead of it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or data.get(f"{name}_early")

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}_early" not in data


class RecordingField(forms.FileField):
    """A spoken message, optional; cleans to its file, or to the recording sent ahead of it.

    The action that stores it checks that it is a recording.
    """

    widget = RecordingInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Spoken message"), "required": False, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Any:
        if not data or not isinstance(data, str):
            return super().clean(data or None, initial)
        found = read_spoken(data)
        if found is None:
            raise forms.ValidationError(str(spoken_gone_error().message), "spoken_gone")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Returns the token, for the page that is shown again; a browser does not send a file a second time."""
        return data if data and isinstance(data, str) else None


class SecondsField(forms.IntegerField):
    """The length of a recording, which its page sends along."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=1, max_value=MAX_SECONDS, widget=forms.HiddenInput)


def take_spoken(form: forms.Form, name: str = "recording") -> Spoken | None:
    """Takes the spoken message and its length out of the cleaned data; shows a wrong length at its field."""
    upload, seconds = form.cleaned_data.pop(name, None), form.cleaned_data.pop(f"{name}_seconds", None)
    if form.has_error(f"{name}_seconds"):
        form.add_error(name, _("A spoken message can be up to 2 minutes long."))
    if isinstance(upload, EarlyRecording):
        return Spoken(upload, upload.seconds)
    return Spoken(upload, seconds or 1) if upload else None


class SpokenForm(forms.Form):
    """A spoken message, optional; cleans to ``spoken``, None if there is none."""

    recording = RecordingField()
    recording_seconds = SecondsField()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["spoken"] = take_spoken(self)
        return given


class KeptSpokenForm(SpokenForm):
    """A spoken message in place of an earlier one, which stays until then or until it is deleted."""

    drops_spoken = forms.BooleanField(label=_("Delete what I said before"), required=False)


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


class SpokenRatingForm(SpokenForm, RatingForm):
    """Rating by three faces, with optional words or a spoken message."""
