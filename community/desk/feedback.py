"""What crosses feedback and repairs: a complaint that is really something to mend."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import homes_of
from community.core import clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.estates.models import Home, PublicPlace
from services.feedback import actions as feedback_actions
from services.feedback import policies
from services.feedback.models import Feedback
from services.repairs import actions as repair_actions
from services.repairs.models import Repair, RepairCategory


class RepairForm(forms.Form):
    """What is to be mended, and where.

    The words begin empty: what somebody complained of is not for their household and the workers to read.
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
        self._homes = _homes(feedback)
        self._places = list(PublicPlace.objects.filter(estate=feedback.estate_id))
        where: Any = self.fields["where"]
        where.choices = [
            ("", _("Please choose")),
            *((f"home-{home.pk}", str(home)) for home in self._homes),
            *((f"place-{place.pk}", str(place)) for place in self._places),
        ]

    def chosen_place(self) -> dict[str, Home | PublicPlace | None]:
        kind, _dash, pk = self.cleaned_data["where"].partition("-")
        rows: list[Any] = self._homes if kind == "home" else self._places
        return {kind: next(row for row in rows if str(row.pk) == pk)}


def _homes(feedback: Feedback) -> list[Home]:
    """The resident's in this estate; who wrote without a name has none that anybody knows."""
    if feedback.resident is None:
        return []
    return list(
        homes_of(feedback.resident).with_address().filter(entrance__building__estate=feedback.estate_id)
    )


def turn_into_repair(
    *,
    feedback: Feedback,
    by: User,
    category: RepairCategory,
    where: dict[str, Any],
    description: str,
    key: UUID,
    now: datetime,
) -> Repair:
    """Report a repair of it, and tell each of the other by its reference; the thread goes on.

    In the resident's name; where nobody knows the writer, in that of whoever does it here.
    """
    policies.require("turn_into_repair", by, feedback)
    if feedback.repair_reference:
        raise AlreadyMoved
    resident = feedback.resident or by
    with transaction.atomic():
        draft = repair_actions.begin_report(
            resident=resident, by=by, estate=feedback.estate, category=category, key=key, now=now, **where
        )
        repair_actions.answer_report(draft=draft, by=by, description=description)
        repair = repair_actions.send_report(draft=draft, by=by, now=now)
        feedback_actions.link_repair(feedback=feedback, by=by, reference=repair.reference, now=now)
    return repair


@login_required
@require_http_methods(["GET", "POST"])
def make_repair(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask what and where, beside the words of the feedback."""
    rows = Feedback.objects.for_staff(request.user).with_people()
    feedback = get_object_or_404(rows, pk=pk)
    policies.require("turn_into_repair", request.user, feedback)
    if feedback.repair_reference:
        return redirect("staff_feedback_one", pk=pk)
    form = RepairForm(request.POST or None, feedback=feedback)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            repair = turn_into_repair(
                feedback=feedback,
                by=request.user,
                category=given["category"],
                where=form.chosen_place(),
                description=given["description"],
                key=given["key"] or uuid4(),
                now=clock.now(),
            )
        except ActionError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            words = _("The repair %(reference)s was made of it.") % {"reference": repair.reference}
            messages.success(request, words)
            return redirect("staff_feedback_one", pk=pk)
    context = {"feedback": feedback, "estate": feedback.estate, "form": form}
    return render(request, "desk/feedback_repair.html", context, status=422 if form.errors else 200)
