"""The content security policy of all pages, for the settings."""

from typing import Any

from csp.constants import NONE, SELF


def content_policy(public_url: str) -> dict[str, Any]:
    """Returns what pages may load and where their forms may go; ``pay_addresses`` adds pages of payment providers."""
    return {
        "DIRECTIVES": {
            "default-src": [SELF],
            # Older web views do not accept 'self' for a socket.
            "connect-src": [SELF, public_url.replace("http", "ws", 1)],
            "img-src": [SELF, "blob:"],
            "media-src": [SELF, "blob:"],
            "object-src": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
            "report-uri": "/csp-reports/",
        }
    }
