"""Fills a form with what a resident typed there before asking the family for help with it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from accounts import actions
from accounts.interrupted_forms import fill_form
from accounts.models import HandedForm, User
from community.core import clock
from community.core.services import declared


class HandedFormMiddleware:
    """Shows the form to the relative who was asked and to the resident, until one of them sends it.

    The page must be opened for the resident, as the link of the message opens it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or not isinstance(request.user, User):
            return response
        name, resident = match.url_name or "", _resident(request, request.user)
        if request.method == "POST" and response.status_code in {302, 303}:
            if not getattr(request, "is_refused", False):
                for step in (step for step, end in _steps().items() if end == name):
                    address = request.path if step == name else reverse(step)
                    actions.forget_handed(resident=resident, address=address, by=request.user)
        elif request.method == "GET" and response.status_code == 200 and name in _steps():
            _fill(request, response, resident)
        return response


def _steps() -> dict[str, str]:
    """Returns the names of the steps whose forms can be handed over, and of the addresses that send them."""
    return {step: end for one in declared() if one.home for step, end in one.home.handed.items()}


def _resident(request: HttpRequest, user: User) -> int:
    """Returns the key of the person for whom the page is opened."""
    given = request.GET.get("for") or request.POST.get("for") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else int(user.pk)


def _fill(request: HttpRequest, response: HttpResponseBase, resident: int) -> None:
    is_page = isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html")
    if not is_page or not isinstance(request.user, User) or not isinstance(response, HttpResponse):
        return
    rows = HandedForm.objects.visible_to(request.user).of_step(resident, request.path)
    form = rows.fresh(clock.now()).select_related("resident").first()
    if form is not None:
        typed_by = form.resident if form.resident_id != request.user.pk else None
        fill_form(request, response, request.path, form.fields(), {"typed_by": typed_by, "is_quiet": True})
