"""Asking for the second factor again before grave acts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from accounts.interrupted_forms import page_of_form, set_aside
from accounts.models import User
from accounts.policies import is_staff_person
from accounts.second_factor.given import given_at
from community.core import clock

# Seconds after which a grave act asks again.
LATELY = 600
Answer = TypeVar("Answer", bound=HttpResponseBase)


def given_lately(request: HttpRequest) -> bool:
    """Whether the person gave a factor within the last ten minutes."""
    return clock.now().timestamp() - given_at(request.session) < LATELY


def asks_again(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponseRedirect]:
    """Asks for the second factor before what the view does, unless it was given lately.

    What is typed is kept and filled in on the way back. Residents and reading pass.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer | HttpResponseRedirect:
        user = request.user
        is_reading = request.method in ("GET", "HEAD", "OPTIONS")
        if is_reading or not isinstance(user, User) or not is_staff_person(user) or given_lately(request):
            return view(request, *args, **kwargs)
        page = page_of_form(request)
        set_aside(request, user, page)
        request.is_refused = True  # type: ignore[attr-defined]
        return redirect(reverse("staff_factor_again") + "?" + urlencode({"next": page}))

    return asking
