"""Who may open the pages of those who count the money, and of which estate."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core.errors import Forbidden
from community.estates.models import Estate, Home
from services.fees.roles import COUNTING

View = Callable[..., HttpResponse]


def counting_only(view: View) -> View:
    """Cashier, manager, front desk, auditor of any estate; of which one, the querysets decide."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not estates_of(request.user, *COUNTING).exists():
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def counted_estate(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    """The estate that somebody who counts the money looks at, and those to choose from."""
    return chosen_estate(request, estates_of(request.user, *COUNTING))


def counted_home(user: User, pk: int) -> Home:
    """A home of an estate whose money this person counts; another's is a 404."""
    return get_object_or_404(counted_homes(user), pk=pk)


def counted_homes(user: User) -> Any:
    estates = estates_of(user, *COUNTING)
    return Home.objects.with_address().filter(entrance__building__estate__in=estates)
