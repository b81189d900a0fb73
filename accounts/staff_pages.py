"""Shared code of staff pages: the choice of the estate that they show."""

from collections.abc import Iterable

from django.http import Http404

from accounts.http import SignedInRequest
from community.core.errors import Forbidden
from community.estates.models import Estate


def chosen_estate(request: SignedInRequest, estates: Iterable[Estate]) -> tuple[Estate, list[Estate]]:
    """Returns the estate that ``estate`` names in the form or the address, or the first one, and all of
    them to choose from; an empty list if there is only one.

    Raises ``Forbidden`` if ``estates``, those that the person may see here, are none, and ``Http404``
    for any other estate.
    """
    offered = list(estates)
    if not offered:
        raise Forbidden
    wanted = request.POST.get("estate") or request.GET.get("estate", "")
    found = [one for one in offered if str(one.pk) == wanted] if wanted else offered[:1]
    if not found:
        raise Http404
    return found[0], offered if len(offered) > 1 else []
