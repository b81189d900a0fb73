"""How often the API may be asked; a module of its own, since DRF imports it while it imports its views."""

import logging
from typing import Any

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from community.core.limits import LimitsUnavailable

logger = logging.getLogger(__name__)


class StrangerThrottle(AnonRateThrottle):
    """Who shows no token. Without Redis nobody can count, so strangers wait."""

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            raise LimitsUnavailable from error


class TokenThrottle(UserRateThrottle):
    """Who shows a token. Without Redis they go on: their work matters more than their rate."""

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            logger.error("throttle: no answer from Redis: %s", error)
            return True
