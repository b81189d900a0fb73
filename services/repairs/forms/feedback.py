"""Form that makes a repair from feedback."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policies import homes_of
from community.estates.models import Home, PublicPlace
from services.feedback.models import Feedback
from services.repairs.models import RepairCategory


class RepairForm(forms.Form):
    """Category and place of the repair.

    The description begins empty: the household and the workers must not read the complaint.
    """

    category = forms.ModelChoiceField(
        RepairCategory.objects.none(),
        label=gettext_lazy("What is broken"),
        empty_label=gettext_lazy("Please choose"),
        error_messages={"required": gettext_lazy("Please choose what is broken.")},
    )
    where = forms.ChoiceField(
        label=gettext_lazy("Where"),
        error_messages={"required": gettext_lazy("Please say where it is.")},
    )
    description = forms.CharField(
        label=gettext_lazy("In words"),
        help_text=gettext_lazy("The household and the workers read it."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": gettext_lazy("Please keep it under 2,000 characters.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, feedback: Feedback, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"key": uuid4()})
        super().__init__(*args, **kwargs)
        offered = RepairCategory.objects.offered().filter(estate=feedback.estate_id)
        category: Any = self.fields["category"]
        category.queryset = offered.filter(Q(children=None) & ~Q(parent=None)).select_related("parent")
        self._homes = _homes_of_writer(feedback)
        self._places = list(PublicPlace.objects.filter(estate=feedback.estate_id))
        where: Any = self.fields["where"]
        where.choices = [
            ("", _("Please choose")),
            *((f"home-{home.pk}", str(home)) for home in self._homes),
            *((f"place-{place.pk}", str(place)) for place in self._places),
        ]

    def chosen_place(self) -> dict[str, Home | PublicPlace | None]:
        """Returns the chosen row under ``home`` or ``place``."""
        kind, _dash, pk = self.cleaned_data["where"].partition("-")
        rows: list[Any] = self._homes if kind == "home" else self._places
        return {kind: next(row for row in rows if str(row.pk) == pk)}


def _homes_of_writer(feedback: Feedback) -> list[Home]:
    """Returns the writer's homes in this estate; none for anonymous feedback."""
    if feedback.resident is None:
        return []
    return list(
        homes_of(feedback.resident).with_address().filter(entrance__building__estate=feedback.estate_id)
    )
