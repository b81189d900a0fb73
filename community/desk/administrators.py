"""System, security and audit administrators: who they are; appointed and ended by two."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.first_password import link_for
from accounts.http import SignedInRequest
from accounts.models import Administration, Approval, User
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import Refusal, show_refusal
from community.desk.access import appointers_only
from community.desk.forms import NewAdministratorForm

SHOWN_LINK = "administrators_password_link"


@never_cache
@appointers_only
@require_http_methods(["GET", "POST"])
@asks_again
def administrators(request: SignedInRequest) -> HttpResponse:
    """Lists the administrators, and asks for a new one."""
    form = NewAdministratorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.NewAdministrator(**form.cleaned_data)
            person, asked = actions.make_administrator(new, by=request.user, now=clock.now())
        except Refusal as error:
            show_refusal(form, error)
        else:
            request.session[SHOWN_LINK] = {"name": str(person), "link": link_for(request, person)}
            messages.success(request, _said_of(asked))
            return redirect("desk_administrators")
    people = User.objects.administering().filter(is_active=True).order_by("pk")
    context = {
        "people": [(one, Administration(one.administration).label) for one in people],
        "form": form,
        "shown": request.session.pop(SHOWN_LINK, None) if request.method == "GET" else None,
    }
    return render(request, "desk/administrators.html", context, status=422 if form.errors else 200)


@appointers_only
@require_POST
@asks_again
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks that somebody stops being an administrator."""
    person = get_object_or_404(User.objects.administering(), pk=pk)
    try:
        asked = actions.ask_administration(person=person, administration="", by=request.user, now=clock.now())
        messages.success(request, _said_of(asked))
    except Refusal as error:
        messages.error(request, str(error.message))
    return redirect("desk_administrators")


def _said_of(asked: Approval) -> str:
    if asked.status == Approval.Status.DONE:
        return _("Done at once: nobody else could agree. It is on record.")
    return _("Asked. A second person has to agree.")
