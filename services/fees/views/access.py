"""Access to the staff pages of fees, and the estates that they show."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from accounts.models import User, access_of
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core.errors import Forbidden
from community.estates.models import Estate, Home
from services.fees.roles import FEES_STAFF

View = Callable[..., HttpResponse]


def fees_staff_only(view: View) -> View:
    """Requires a role for fees in any estate; the querysets limit to the estates of the roles.

    The view raises ``Forbidden`` without one.
    """

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access_of(request.user).estates(*FEES_STAFF):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def chosen_fees_estate(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    """Returns the estate that the page shows, and those to choose from."""
    return chosen_estate(request, estates_of(request.user, *FEES_STAFF))


def home_of_staff(user: User, pk: int) -> Home:
    """Returns a home of an estate with a role for fees; raises ``Http404`` for any other."""
    return get_object_or_404(homes_of_staff(user), pk=pk)


def homes_of_staff(user: User) -> Any:
    """Returns the homes of the estates in which the user has a role for fees."""
    estates = estates_of(user, *FEES_STAFF)
    return Home.objects.with_address().filter(entrance__building__estate__in=estates)
