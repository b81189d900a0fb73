"""The browser that pays, as a payment provider needs to know it."""

from typing import Any

from services.fees.providers.base import Client

# Characters of a user agent that are looked at.
LENGTH = 300


def client_of(request: Any) -> Client:
    """Returns the browser of a request of Django or of the API."""
    return Client(
        address=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:LENGTH],
    )
