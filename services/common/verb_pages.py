"""Pages that take a verb on a row: those of the desk, and those that ask a resident first."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, as_refused, show_refusal
from services.common.verb_forms import VerbForm

Form = TypeVar("Form", bound=VerbForm)


def form_named(kinds: Iterable[type[Form]], slug: str) -> type[Form]:
    """Returns the form of the verb with this slug. Raises ``Http404`` if there is none."""
    for kind in kinds:
        if kind.slug == slug:
            return kind
    raise Http404


def forms_for(
    kinds: Iterable[type[Form]],
    verbs: Collection[str],
    make: Callable[[type[Form]], Form],
    *,
    tried: VerbForm | None = None,
) -> list[Form]:
    """Returns forms of the verbs that can be taken now; a refused one keeps its input."""
    return [
        tried if isinstance(tried, kind) else make(kind)
        for kind in kinds
        if kind.verb in verbs or isinstance(tried, kind)
    ]


def take_verb(
    request: HttpRequest,
    form: Form,
    *,
    done: Callable[[], str],
    back: Callable[[], str],
    again: Callable[[Form], HttpResponse],
) -> HttpResponse:
    """Carries out a form of the desk and redirects to ``back``; if it is refused, shows the page ``again``.

    A script that asks for JSON gets ``done`` or the first refusal as a message.
    """
    is_done = form.carry_out(now=clock.now())
    if request.headers.get("Accept") == "application/json":
        if is_done:
            return JsonResponse({"message": done()})
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"message": str(first)}, status=422)
    if is_done:
        messages.success(request, done())
        return redirect(back())
    return again(form)


def page_before(request: HttpRequest, default: str) -> str:
    """Returns the page that the form came from if it is on this site; otherwise ``default``."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return default


def ask_and_act(
    request: HttpRequest,
    form: forms.Form,
    *,
    act: Callable[[dict[str, Any]], str],
    back: str,
    show: Callable[[forms.Form], HttpResponse],
) -> HttpResponse:
    """Acts on a valid form and redirects to ``back``; otherwise, or if refused, shows the form.

    ``act`` returns the success message, "" for none. A refusal is shown at its field.
    """
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            words = act(form.cleaned_data)
        except ActionError as error:
            refusal = error
            show_refusal(form, error)
        else:
            if words:
                messages.success(request, words)
            return redirect(back)
    page = show(form)
    if form.errors:
        page.status_code = 422
    return as_refused(page, refusal)


Act = Callable[[SignedInRequest, Any, dict[str, Any]], str]


@dataclass(frozen=True)
class VerbPages:
    """Pages on which a resident takes a verb on a row of one service.

    ``noun`` names the row in the templates, ``page`` the URL of the row's own page; ``find`` returns the row
    or raises ``Http404``; ``allowed`` returns the verbs that the person can take now.
    """

    noun: str
    page: str
    find: Callable[[SignedInRequest, int], Any]
    allowed: Callable[[User, Any], Collection[str]]

    def asks(
        self, verb: str, form_class: type[forms.Form], template: str
    ) -> Callable[[Act], Callable[..., HttpResponse]]:
        """Makes a view of an action: it shows the form and acts when it is valid."""

        def make(act: Act) -> Callable[..., HttpResponse]:
            @login_required
            @require_http_methods(["GET", "POST"])
            def view(request: SignedInRequest, pk: int) -> HttpResponse:
                row = self.find(request, pk)
                if request.method == "GET" and verb not in self.allowed(request.user, row):
                    return redirect(self.page, pk=pk)
                sent = (request.POST, request.FILES) if request.method == "POST" else ()
                return ask_and_act(
                    request,
                    form_class(*sent),
                    act=lambda given: act(request, row, given),
                    back=self.page_of(row),
                    show=lambda form: render(request, template, {self.noun: row, "form": form}),
                )

            return view

        return make

    def page_of(self, row: Any) -> str:
        return reverse(self.page, args=[row.pk])
