"""Rate limits of the API; a module of its own because DRF imports it together with its views."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from community.core import limits
from community.core.limit_table import API_STRANGER, API_TOKEN
from community.core.limits import network


class StrangerThrottle(BaseThrottle):
    """Limits requests without a token by network, ignoring headers that callers can forge."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            limits.hit(API_STRANGER, network(request))
        return True


class TokenThrottle(BaseThrottle):
    """Limits requests with a token. Allows them without Redis: work matters more than the rate."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user and request.user.is_authenticated:
            limits.hit(API_TOKEN, request.user.pk)
        return True
