"""The local payment server: HTTP, its threads, and the way of a request to the provider that it is for."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from community.demo.payments.alipay import AlipaySide
from community.demo.payments.keys import APP_ID, Keys
from community.demo.payments.messages import Answer, Asked
from community.demo.payments.notices import Notices
from community.demo.payments.pages import Pages
from community.demo.payments.shared import Shared
from community.demo.payments.store import Store
from community.demo.payments.wechat import WeChatSide
from community.demo.wechat.platform import PATHS, Platform
from community.demo.wechat.state import Account, State

GATEWAY = "/gateway.do"
MAX_BODY = 1_000_000
POLL_SECONDS = 0.3


class PaymentServer:
    """Both providers on one port. ``start`` and ``stop`` run it in a thread."""

    def __init__(
        self, keys: Keys, path: Path, *, port: int = 0, clock: Callable[[], float] = time.time
    ) -> None:
        self.store = Store(path)
        self.shared = Shared(keys, self.store, clock)
        self._begin()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self._http.daemon_threads = True
        self.address = self.shared.address = f"http://127.0.0.1:{self._http.server_port}"
        self.gateway = self.address + GATEWAY

    def _begin(self) -> None:
        self.wechat, self.alipay = WeChatSide(self.shared), AlipaySide(self.shared)
        self.notices = Notices(self.shared, self.wechat, self.alipay)
        self.shared.deliver_due = self.notices.deliver_due
        self.pages = Pages(self.shared, self.notices)
        account = Account(APP_ID, self.shared.keys.app_secret)
        self.platform = Platform(State([account], self.shared.now))

    def begin_anew(self) -> None:
        """Forgets all orders, and how each side was told to behave."""
        self.store.empty()
        self._begin()

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.store.close()

    def run(self) -> None:
        """Serves and delivers notices until the process ends."""
        self.start()
        while True:
            self.notices.deliver_due()
            time.sleep(POLL_SECONDS)

    def handle(self, asked: Asked) -> Answer:
        if asked.path == GATEWAY:
            return self.alipay.handle(asked)
        if asked.path == "/alipay/bill":
            return self.alipay.download(asked)
        if asked.path.startswith("/v3/"):
            return self.wechat.handle(asked)
        if asked.path.startswith(PATHS):
            return self.platform.handle(asked)
        return self.pages.handle(asked)


def handler_of(server: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            answer = server.handle(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Type", answer.kind)
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = _serve  # noqa: N815  (the standard library's names)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Writes nothing: the notices and orders are in the database."""

    return Handler
