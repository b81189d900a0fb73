"""Pages, API and sockets on one port.

Pages go through a WSGI bridge: synchronous Django pages under plain ASGI lose
more than a third of their speed, this way they keep nearly all of it.
"""

import os

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
pages = get_wsgi_application()

from community.notifications.routing import socket_urls  # noqa: E402  (needs the apps loaded)

# A slow upload holds one thread; with several the other pages go on.
PAGE_THREADS = int(os.environ.get("PAGE_THREADS", "8"))

application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(pages, workers=PAGE_THREADS),  # type: ignore[arg-type]
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(socket_urls))),
    }
)
