"""Deletion of a resident who asks for it on paper: one colleague enters it, another confirms."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.http import SignedInRequest
from accounts.models import Erasure, User
from accounts.own_data.erasing import open_matters
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError
from community.desk.access import desk_only
from community.desk.views import resident_of_desk


@desk_only
@require_http_methods(["GET", "POST"])
@asks_again
def erasure(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows what is open for the resident, or the wish that stands, and takes the verbs on it."""
    person = resident_of_desk(request, pk)
    standing = Erasure.objects.open().filter(person=person).select_related("asked_by").first()
    if request.method == "POST":
        try:
            messages.success(request, _take(request, person, standing))
        except ActionError as error:
            messages.error(request, str(error.message))
        return redirect("desk_erasure", pk)
    context: dict[str, Any] = {"person": person, "erasure": standing}
    if standing is None:
        context["matters"] = open_matters(person)
    else:
        is_proposed = standing.status == Erasure.Status.PROPOSED
        context["may_agree"] = is_proposed and request.user.pk not in (standing.asked_by_id, person.pk)
    return render(request, "desk/erasure.html", context)


def _take(request: SignedInRequest, person: User, standing: Erasure | None) -> str:
    """Takes the verb of the pressed button; returns what to say."""
    by, now = request.user, clock.now()
    if standing is None:
        actions.ask_erasure(person=person, by=by, now=now)
        return _("Entered. A colleague has to confirm it.")
    if request.POST.get("verb") == "agree":
        actions.agree_to_erasure(erasure=standing, by=by, now=now)
        return _("Confirmed. It is done after 7 days.")
    actions.drop_erasure(erasure=standing, by=by, now=now)
    return _("Taken back. Nothing is deleted.")
