"""Addresses of people's pictures, spoken messages and papers, which end within the hour and with their session.

Who may see a file is decided by its view, as before. Beside that, an address that was copied, sent on, or stayed in a
history or a log opens nothing: it holds for the session to whose page it was given, for 30 to 60 minutes. Within
half an hour it stays the same, so that parts of a page that are fetched again have not changed.

Pages that stay open longer, or that were kept for another session of the same person, go on showing their files: a
browser says (``Sec-Fetch-Site``, an older one ``Referer``) that one of our own pages asks. No page elsewhere, no typed
address and no link in a message can say so.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, get_resolver
from django.utils.crypto import constant_time_compare, salted_hmac

from community.core import clock

PARAMETER = "until"
SALT = "community.core.expiring"
STEP_SECONDS = 1800
MAC_LETTERS = 32


def address_expires(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Marks a view of a person's file: ``{% url %}`` gives out its addresses with an end, and others are a 404."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.PRIVATE_ADDRESSES_END and not is_valid(request):
            raise Http404
        return view(request, *args, **kwargs)

    checked.address_expires = True  # type: ignore[attr-defined]
    return checked


@cache
def names_that_expire(urlconf: str) -> frozenset[str]:
    """Returns the names of addresses whose views are marked."""
    found, waiting = set(), list(get_resolver(urlconf).url_patterns)
    while waiting:
        one = waiting.pop()
        if not isinstance(one, URLPattern):
            waiting += one.url_patterns
        elif one.name and getattr(one.callback, "address_expires", False):
            found.add(one.name)
    return frozenset(found)


def with_end(address: str, request: HttpRequest | None) -> str:
    """Returns an address of this site that holds for the session of the request; as it is without one."""
    if request is None or not settings.PRIVATE_ADDRESSES_END:
        return address
    until = (int(clock.now().timestamp()) // STEP_SECONDS + 2) * STEP_SECONDS
    return f"{address}?{PARAMETER}={until}.{_mac(address, until, request)}"


def is_valid(request: HttpRequest) -> bool:
    """Says whether a request comes from one of our pages, or by an address of its session that has not ended."""
    if _is_asked_by_us(request):
        return True
    until, _dot, mac = request.GET.get(PARAMETER, "").partition(".")
    if not (until.isascii() and until.isdecimal() and len(until) <= len("1764518400") + 2):
        return False
    is_ours = constant_time_compare(mac, _mac(request.path, int(until), request))
    return is_ours and clock.now().timestamp() < int(until)


def _is_asked_by_us(request: HttpRequest) -> bool:
    """Says whether one of our pages asks, by what browsers alone write; older ones write where they come from."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:
        came_from = urlsplit(request.headers.get("Referer", "")).netloc
    except ValueError:
        return False
    return bool(came_from) and came_from == request.get_host()


def _mac(address: str, until: int, request: HttpRequest) -> str:
    session = getattr(request, "session", None)
    key = (session.session_key if session is not None else None) or ""
    return salted_hmac(SALT, f"{key} {until} {address}", algorithm="sha256").hexdigest()[:MAC_LETTERS]
