from itertools import combinations
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from community.core import hours
from community.estates.models import PublicPlace
from community.estates.place_signs import MAX_SIGNS, SIZES


class SignForm(forms.Form):
    """Choice of signs and of the paper size."""

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
        if len(chosen) > MAX_SIGNS:
            raise forms.ValidationError(_("At most %(count)d signs at once.") % {"count": MAX_SIGNS})
        return chosen


class WorkingHoursForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        opens, closes = filled.get("opens"), filled.get("closes")
        if opens is not None and closes is not None and not hours.is_likely(opens, closes):
            self.add_error("closes", hours.UNLIKELY)
        return filled


class WorkingHoursFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All working hours of an estate; they must not overlap, nor over midnight."""

    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("opens")]
        rows = [form for form in rows if not form.cleaned_data.get("DELETE")]
        for one, other in combinations(rows, 2):
            mine, others = (
                hours.week_minutes(*(form.cleaned_data[name] for name in ("weekday", "opens", "closes")))
                for form in (one, other)
            )
            if any(begin < until and since < end for begin, end in mine for since, until in others):
                other.add_error("opens", _("These hours overlap others."))
