"""The local payment server: its keys are made once a process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from community.demo.payments.keys import Keys, make_keys
from community.demo.payments.server import PaymentServer
from tests.support import practice


@pytest.fixture(scope="session")
def keys() -> Keys:
    return make_keys(bits=practice.BITS)


@pytest.fixture
def server(keys: Keys, tmp_path: Path, settings: Any) -> Iterator[PaymentServer]:
    with practice.running(keys, tmp_path) as running:
        settings.FEES_PROVIDERS = ["wechat", "alipay"]
        settings.WECHATPAY_URL, settings.ALIPAY_URL = running.address, running.gateway
        yield running
