"""For whom somebody opens a resident's page: oneself, whoever gave a delegation, a resident at the desk."""

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from community.estates.models import Home


def resident_named(named: str, user: User) -> User:
    """The person of ``?for=``; oneself where nobody is named. Whether one may is asked next."""
    return get_object_or_404(User, pk=number_of(named)) if named else user


def home_named(homes: list[Home], named: str) -> Home | None:
    """The home of ``?home=``, or the only one there is; another's is not found."""
    if named:
        found = [home for home in homes if home.pk == number_of(named)]
        if not found:
            raise Http404
        return found[0]
    return homes[0] if len(homes) == 1 else None


def estates_to_act_in(
    user: User, resident: User, estates: Iterable[int], may: Callable[..., bool]
) -> set[int]:
    """Those of the estates in which ``user`` may act for ``resident``; in none is not found.

    ``may(user, resident, estate_id=…)`` is the service's own rule.
    """
    allowed = {pk for pk in set(estates) if may(user, resident, estate_id=pk)}
    if user.pk != resident.pk and not allowed:
        raise Http404
    return allowed


def token_of(request: HttpRequest) -> UUID:
    """The single-use token of a page: two taps do one thing. A fresh one where the page had none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def number_of(text: str) -> int:
    """A key out of an address or a form; what is none is not found."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Http404
    return int(text)
