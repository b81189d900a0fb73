"""The local platform of WeChat in a thread, and an official account that it knows."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from community.core import clock
from community.demo.payments.server import handler_of
from community.demo.wechat.platform import Platform
from community.demo.wechat.state import Account, State
from community.estates.models import PropertyCompany
from community.wechat.models import Binding, MessageTemplate, OfficialAccount
from tests.factories import make_company

APP_ID, SECRET = "wx8888888888888888", "0123456789abcdef0123456789abcdef"
OTHER_APP = "wx9999999999999999"
AGENT = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0"
IN_WECHAT = {"User-Agent": AGENT}
TEMPLATE, SUBSCRIPTION = "T-practice-1", "S-practice-1"


class _Served:
    platform: Platform

    def handle(self, asked: Any) -> Any:
        return self.platform.handle(asked)


@pytest.fixture(scope="session")
def wechat_port() -> Iterator[tuple[_Served, str]]:
    served = _Served()
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(served))
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    yield served, f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


@pytest.fixture
def platform(wechat_port: tuple[_Served, str], settings: Any) -> Platform:
    """The platform as if it had just begun, and the settings that lead to it."""
    served, address = wechat_port
    accounts = [Account(APP_ID, SECRET), Account(OTHER_APP, SECRET)]
    served.platform = Platform(State(accounts, lambda: clock.now().timestamp()))
    settings.WECHAT_OPEN_URL = settings.WECHAT_API_URL = address
    return served.platform


def make_account(**overrides: Any) -> OfficialAccount:
    """An official account as the local platform knows it."""
    company: PropertyCompany = overrides.pop("company", None) or make_company()
    known = Account(APP_ID, SECRET)
    values: dict[str, Any] = {"name": "安居服务", "app_id": APP_ID, "secret": SECRET, "token": known.token}
    values |= {"aes_key": known.aes_key, "created_at": clock.now()}
    return OfficialAccount.objects.create(company=company, **(values | overrides))


def make_template(account: OfficialAccount, message: str, **overrides: Any) -> MessageTemplate:
    values: dict[str, Any] = {"template_id": TEMPLATE, "fields": {"thing1": "title"}}
    return MessageTemplate.objects.create(account=account, message=message, **(values | overrides))


def make_binding(
    account: OfficialAccount, user: Any, openid: str = "oPerson0001", **overrides: Any
) -> Binding:
    now = clock.now()
    values: dict[str, Any] = {"openid": openid, "bound_at": now, "used_at": now}
    return Binding.objects.create(account=account, user=user, **(values | overrides))
