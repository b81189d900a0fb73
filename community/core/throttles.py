"""How often the API may be asked; a module of its own, since DRF imports it while it imports its views."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from community.core import limits
from community.core.addresses import network
from community.core.limit_table import API_STRANGER, API_TOKEN


class StrangerThrottle(BaseThrottle):
    """Requests without a token, by network. A header of the caller's own making says nothing of it."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            limits.hit(API_STRANGER, network(request))
        return True


class TokenThrottle(BaseThrottle):
    """Requests with a token. Without Redis they go on: the work matters more than the rate."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user and request.user.is_authenticated:
            limits.hit(API_TOKEN, request.user.pk)
        return True
