"""Who may open the pages of those who count the money, and of which estate."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import estates_of
from community.core.errors import Forbidden
from community.estates.models import Estate, Home
from services.fees.models.bills import COUNTING

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


def chosen_estate(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    """The estate of ``?estate=``, or the first one; and all of them, where there are several."""
    estates = list(estates_of(request.user, *COUNTING))
    wanted = request.POST.get("estate") or request.GET.get("estate", "")
    found = [one for one in estates if str(one.pk) == wanted] if wanted else estates[:1]
    if not found:
        raise Http404
    return found[0], estates if len(estates) > 1 else []


def counted_home(user: User, pk: int) -> Home:
    """A home of an estate whose money this person counts; another's is a 404."""
    return get_object_or_404(counted_homes(user), pk=pk)


def counted_homes(user: User) -> Any:
    estates = estates_of(user, *COUNTING)
    return Home.objects.with_address().filter(entrance__building__estate__in=estates)
