"""No module but ``community.core.outward`` asks other machines over HTTP, and the SDKs of providers ask through it."""

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from community.core import outward
from community.demo.payments.keys import Keys, make_keys
from community.notifications.aliyun import AliyunSender
from community.notifications.sms import SmsRefused
from services.fees import providers
from services.fees.providers.alipay.statement import download
from services.fees.providers.base import ProviderDown, StatementBroken
from tests.support import practice
from tests.test_architecture import ROOT, python_files

CALLERS = {
    *(
        "aiohttp",
        "asyncio.streams",
        "ftplib",
        "http.client",
        "httpx",
        "imaplib",
        "paramiko",
        "poplib",
        "pycurl",
    ),
    *(
        "requests",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "xmlrpc",
    ),
    *("django.core.mail", "logging.handlers", "websockets"),
}
SDKS = {
    "alipay",
    "wechatpayv3",
    "darabonba",
    "Tea",
    "alibabacloud_dysmsapi20170525",
    "alibabacloud_tea_openapi",
}
# Why each of these may.
EXCEPTIONS = {
    "community/core/outward.py": "the mechanism",
    "community/core/audit_heads.py": "syslog, to a place of the settings; reads nothing back",
    "community/core/virus_scan.py": "clamd, at an address of the settings",
    "community/demo/runner.py": "looks for a free port, and waits until its own server answers",
    "community/demo/wechat/pushes.py": "the demo's server of WeChat, a process of its own",
    "community/demo/payments/notices.py": "the demo's payment server, a process of its own",
}
SDK_FILES = {
    "community/notifications/aliyun.py",
    "services/fees/providers/alipay/client.py",
    "services/fees/providers/wechat/client.py",
    "services/fees/providers/wechat/notices.py",
}


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.endswith(".exceptions"):
            # Classes of errors call nobody.
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@cache
def product_texts() -> dict[Path, str]:
    return {path: path.read_text() for path in python_files()}


def importing(libraries: set[str]) -> set[str]:
    words = re.compile("|".join(sorted({library.partition(".")[0] for library in libraries})))
    return {
        str(path.relative_to(ROOT))
        for path, text in product_texts().items()
        if words.search(text)
        for name in imported(ast.parse(text))
        if any(name == library or name.startswith(f"{library}.") for library in libraries)
    }


@pytest.mark.once
@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import urllib.request", {"urllib.request"}),
        ("from urllib import request", {"urllib", "urllib.request"}),
        ("def f():\n    import requests", {"requests"}),
        ("from requests.exceptions import ConnectTimeout", set()),
    ],
)
def test_imported__examples__seen(code: str, names: set[str]):
    assert imported(ast.parse(code)) == names


@pytest.mark.once
def test_libraries_that_call__in_named_files_only():
    assert importing(CALLERS) == set(EXCEPTIONS)
    assert importing(SDKS) == SDK_FILES


@pytest.fixture(scope="module")
def keys() -> Keys:
    return make_keys(bits=practice.BITS)


@pytest.mark.django_db
@pytest.mark.parametrize("by_certificates", [False, True])
@pytest.mark.parametrize("name", ["wechat", "alipay"])
def test_provider__at_an_address_inside__is_not_asked(
    name: str, by_certificates: bool, keys: Keys, settings: Any
):
    merchant = practice.make_merchant(keys, name, by_certificates=by_certificates)
    settings.OUTWARD_INNER_HOSTS = []
    settings.WECHATPAY_URL, settings.ALIPAY_URL = "https://127.0.0.1:9", "https://127.0.0.1:9/gateway.do"
    # Refused by us; a call that was made would have failed as a broken connection.
    with pytest.raises(ProviderDown) as problem:
        providers.named(name).try_out(merchant)
    assert "inside a network" in str(problem.value.__cause__)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/bill",
        "https://alipay.com.evil.example/",
        "https://openapi.alipay.com@evil.example/",
    ],
)
def test_statement__at_an_address_elsewhere__is_not_fetched(address: str, asked: list[str]):
    with pytest.raises(StatementBroken, match="address"):
        download(address)
    assert asked == []


def test_statement__at_an_address_without_tls__is_fetched_with_it(asked: list[str]):
    with pytest.raises(ProviderDown):
        download("http://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1")
    assert asked == ["https://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def get(address: str, **_options: Any) -> None:
        found.append(address)
        raise outward.OutwardError

    monkeypatch.setattr(outward.SESSION, "get", get)
    return found


def test_sms__at_an_address_inside__is_not_sent(settings: Any):
    settings.OUTWARD_INNER_HOSTS = []
    settings.ALIYUN_SMS_ENDPOINT = "https://127.0.0.1"
    settings.ALIYUN_SMS_ACCESS_KEY_ID = settings.ALIYUN_SMS_ACCESS_KEY_SECRET = "key"
    settings.ALIYUN_SMS_TEMPLATES = {"code": "SMS_1"}
    sender = AliyunSender(seconds=1)
    with pytest.raises(SmsRefused, match="cannot be reached") as problem:
        sender.send("+8613800000000", "code", {}, "key")
    assert not problem.value.is_final
    assert "inside a network" in str(problem.value.__cause__.inner_exception)
    with pytest.raises(Exception, match="cannot be reached"):
        sender.ask("+8613800000000", "key", date(2026, 11, 30))
