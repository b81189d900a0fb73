"""The local payment server: its keys are made once a process."""

from collections.abc import Iterator
from typing import Any

import pytest

from community.demo.payments.keys import Keys, make_keys
from community.demo.payments.server import PaymentServer
from tests.support import practice


@pytest.fixture(scope="session")
def keys() -> Keys:
    return make_keys(bits=practice.BITS)


@pytest.fixture(scope="module")
def running(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaymentServer]:
    with practice.running(keys, tmp_path_factory.mktemp("payments")) as server:
        yield server


@pytest.fixture
def server(running: PaymentServer, settings: Any) -> PaymentServer:
    """The server of the module, as if it had just begun."""
    running.begin_anew()
    settings.FEES_PROVIDERS = ["wechat", "alipay"]
    settings.WECHATPAY_URL, settings.ALIPAY_URL = running.address, running.gateway
    return running
