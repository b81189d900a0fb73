"""Keeps the demo private: its secrets and passwords are public.

With ``DEMO=1`` the product refuses to start under a public name, and refuses requests from a public address,
to a public name or through a proxy.
"""

import logging
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext

logger = logging.getLogger(__name__)

LOCAL_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
# Headers that proxies add.
OF_A_PROXY = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)


def is_at_home(host: str) -> bool:
    """Whether a host is this machine or in a private network; "" is a Unix socket."""
    name = host.strip("[]").lower()
    try:
        return not ip_address(name).is_global
    except ValueError:
        return ("." not in name and "*" not in name) or name.endswith(LOCAL_ENDINGS)


def public_names() -> list[str]:
    """Returns configured names under which the demo, or its database, would be public."""
    database = settings.DATABASES["default"]
    named = {
        "PUBLIC_URL": [urlsplit(settings.PUBLIC_URL).hostname or ""],
        "ALLOWED_HOSTS": settings.ALLOWED_HOSTS,
        "DATABASE_URL": [] if database["ENGINE"].endswith("sqlite3") else [database.get("HOST") or ""],
    }
    return [
        f"{setting} names {host}"
        for setting, hosts in named.items()
        for host in hosts
        if not is_at_home(host)
    ]


@register()
def demo_stays_home(app_configs: Any, **kwargs: Any) -> list[Error]:
    """System check that stops every management command with DEMO=1 and a public name."""
    if not settings.DEMO:
        return []
    return [
        Error(
            f"DEMO=1 is for this machine and private networks: {name}.",
            hint="Its secrets and passwords are public. Unset DEMO and give real secrets, or take the name out.",
            id="linli.E004",
        )
        for name in public_names()
    ]


class DemoStaysHomeMiddleware:
    """Refuses requests from outside while ``DEMO`` is on; removed otherwise.

    It is loaded at the start of every web process, which fails with a public name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DEMO:
            raise MiddlewareNotUsed
        if names := public_names():
            raise ImproperlyConfigured(
                f"DEMO=1 is for this machine and private networks: {', '.join(names)}."
            )
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if comes_from_outside(request):
            logger.warning("demo: a request from outside was refused")
            return _refusal()
        return self.get_response(request)


def comes_from_outside(request: HttpRequest) -> bool:
    """Whether a request comes through a proxy, from a public address or to a public name."""
    name = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname or ""
    is_private = is_at_home(name) and is_at_home(request.META.get("REMOTE_ADDR", ""))
    return not is_private or any(header in request.META for header in OF_A_PROXY)


def _refusal() -> HttpResponse:
    """Returns the refusal in both languages, since the request's language is not known yet."""
    words = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words.append(
                gettext(
                    "This is the demo, with public passwords. It answers on this machine and in its own "
                    "network only, not behind a proxy. For a real address, start it without DEMO=1."
                )
            )
    text = "\n\n".join(words)
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
