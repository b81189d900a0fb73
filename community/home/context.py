"""Context of the frame of every page: the person's home and estate, the number of the desk, the way to hand over."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.devices import remembered_estate
from accounts.policies import addresses_of, requested_home
from community.estates.models import Estate
from services.common.context import is_staff_page


def place(request: HttpRequest) -> dict[str, Any]:
    """Template context, looked up when shown: ``home``, ``asked`` (the home being checked), ``estate``,
    ``desk_phone``, ``handover_url``.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"home": None, "estate": None, "desk_phone": _known_desk(request)}
    home = SimpleLazyObject(lambda: next(iter(addresses_of(user)), None))
    estate = SimpleLazyObject(lambda: home.estate if home else None)
    return {
        "home": home,
        "estate": estate,
        "asked": SimpleLazyObject(lambda: requested_home(user)),
        "desk_phone": SimpleLazyObject(lambda: estate.desk_phone if estate else ""),
        "keeps_offline": not is_staff_page(request),
        "handover_url": reverse("handover") + "?" + urlencode({"path": request.get_full_path()}),
    }


def _known_desk(request: HttpRequest) -> Any:
    """The number of the desk that this browser knows or the only one; a stranger to a city's system gets none."""
    return SimpleLazyObject(lambda: (remembered_estate(request) or _single_estate() or Estate()).desk_phone)


def _single_estate() -> Estate | None:
    estates = list(Estate.objects.all()[:2])
    return estates[0] if len(estates) == 1 else None
