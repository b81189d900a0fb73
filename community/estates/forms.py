from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from community.estates.models import PublicPlace
from community.estates.signs import MOST_SIGNS, SIZES


class SignForm(forms.Form):
    """Which signs, on which paper."""

    places = forms.ModelMultipleChoiceField(
        PublicPlace.objects.none(),
        label=_("Places"),
        error_messages={"required": _("Please choose at least one place.")},
    )
    size = forms.ChoiceField(label=_("Paper"), choices=[(size, size.upper()) for size in SIZES])

    def __init__(self, *args: Any, places: QuerySet[PublicPlace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["places"]
        field.queryset = places

    def clean_places(self) -> list[PublicPlace]:
        chosen = list(self.cleaned_data["places"])
        if len(chosen) > MOST_SIGNS:
            raise forms.ValidationError(_("At most %(count)d signs at once.") % {"count": MOST_SIGNS})
        return chosen
