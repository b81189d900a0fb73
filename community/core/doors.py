"""Headers that keep other sites out of our pages, and the browsers' reports about what they have stopped."""

import json
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from community.core import limits
from community.core.errors import ActionError
from community.core.limit_table import CSP_REPORT
from community.core.locked import works_while_locked
from community.core.traces import leaves_no_trace

logger = logging.getLogger(__name__)
OURS = ("autoplay", "clipboard-write", "microphone", "web-share")
OURS_TOO = ("publickey-credentials-create", "publickey-credentials-get")
NOBODYS = (
    *(
        "accelerometer",
        "bluetooth",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
    ),
    *("hid", "idle-detection", "magnetometer", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(
    [*(f"{name}=(self)" for name in (*OURS, *OURS_TOO)), *(f"{name}=()" for name in NOBODYS)]
)
# Bytes of a report that are read, and letters of each of its words that are logged.
LARGEST, LONGEST = 10_000, 200


class DoorsMiddleware:
    """Lets no other site load our answers or share a window with our pages, and names what pages may use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


@csrf_exempt
@works_while_locked
@leaves_no_trace
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Logs what a browser has stopped: the rule, and the page and the source without their queries."""
    try:
        limits.hit(CSP_REPORT, limits.network(request))
        told = json.loads(request.read(LARGEST))
    except ActionError as refusal:
        return HttpResponse(status=refusal.status)
    except (ValueError, RecursionError):
        told = None
    for one in told if isinstance(told, list) else [told]:
        body = one.get("csp-report") or one.get("body") if isinstance(one, dict) else None
        if isinstance(body, dict):
            rule = body.get("violated-directive") or body.get("effectiveDirective")
            source = body.get("blocked-uri") or body.get("blockedURL")
            page = body.get("document-uri") or body.get("documentURL")
            logger.warning("csp: %s stopped %s on %s", _plain(rule), _bare(source), _bare(page))
    return HttpResponse(status=204)


def _plain(words: object) -> str:
    """Returns the words on one line, cut: anybody can send a report."""
    return "".join(letter if letter.isprintable() else " " for letter in str(words or "?"))[:LONGEST]


def _bare(url: object) -> str:
    """Returns the address without its query and fragment, which may name a person."""
    try:
        parts = urlsplit(_plain(url))
    except ValueError:
        return "?"
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path
