"""Finds the person for whom a resident's page is opened: the reader, a resident they act for, or one at the
desk.
"""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import User
from community.estates.models import Home
from services.common.question_pages import row_key


def given_by(request: HttpRequest) -> QueryDict:
    """Returns the parameters of the page, from its form if it was sent, otherwise from its address."""
    return request.POST if request.method == "POST" else request.GET


def start_query(resident: User, home: Home | None = None, place: str = "") -> str:
    """Returns the same start as a query string, for links between the pages. ``place`` is the code of a sign."""
    known: dict[str, int | str] = {"for": resident.pk}
    if home:
        known["home"] = home.pk
    if place:
        known["place"] = place
    return urlencode(known)


def resident_named(named: str, user: User) -> User:
    """Returns the person of ``?for=``, or ``user`` if none is named. Does not check any right.

    Raises ``Http404`` for an unknown person.
    """
    return get_object_or_404(User, pk=row_key(named)) if named else user


def home_named(homes: list[Home], named: str) -> Home | None:
    """Returns the home of ``?home=`` or the only one, otherwise None. Raises ``Http404`` for another's."""
    if named:
        found = [home for home in homes if home.pk == row_key(named)]
        if not found:
            raise Http404
        return found[0]
    return homes[0] if len(homes) == 1 else None


def estates_to_act_in(
    user: User, resident: User, estates: Iterable[int], may: Callable[..., bool]
) -> set[int]:
    """Returns the estates in which ``user`` may act for ``resident``. Raises ``Http404`` if there is none.

    ``may(user, resident, estate_id=…)`` is the rule of the service.
    """
    allowed = {pk for pk in set(estates) if may(user, resident, estate_id=pk)}
    if user.pk != resident.pk and not allowed:
        raise Http404
    return allowed
