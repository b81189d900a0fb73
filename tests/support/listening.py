"""Our own pages over HTTP in this process, on the test's own database connection."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import DEFAULT_DB_ALIAS, connection, connections


class _Server(ThreadedWSGIServer):
    def _close_connections(self) -> None:
        """The connection is the test's."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """What was answered is the caller's to say."""


@contextmanager
def listening() -> Iterator[str]:
    """Serves the pages; yields their address. The test must wait while a page is asked for: the connection is one."""
    shared = {DEFAULT_DB_ALIAS: connections[DEFAULT_DB_ALIAS]}
    server = _Server(("127.0.0.1", 0), _Quiet, connections_override=shared)
    server.set_app(WSGIHandler())
    connection.inc_thread_sharing()
    # A request would take the connection of a test, which is in a transaction, for a broken one.
    shared[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete = lambda: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        del shared[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete
        connection.dec_thread_sharing()
