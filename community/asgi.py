"""Pages, API and sockets on one port.

Pages go through a WSGI bridge: synchronous Django pages under plain ASGI lose
more than a third of their speed, this way they keep nearly all of it.
"""

import gc
import os

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver, path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
# Objects made while loading stay: collecting garbage among them costs a fifth of the start.
gc.disable()
pages = get_wsgi_application()
# Loads the code of every page now instead of during the first request.
get_resolver().url_patterns  # noqa: B018

from community.notifications.consumers import LiveConsumer  # noqa: E402  (needs the apps loaded)

# A slow upload blocks one thread; others serve the remaining pages.
PAGE_THREADS = int(os.environ.get("PAGE_THREADS", "8"))

application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(pages, workers=PAGE_THREADS),  # type: ignore[arg-type]
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("live/", LiveConsumer.as_asgi())]))
        ),
    }
)

gc.freeze()
gc.enable()
