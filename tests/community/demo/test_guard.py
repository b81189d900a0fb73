"""DEMO=1 answers at home only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from community.demo import guard
from community.demo.guard import DemoStaysHomeMiddleware, demo_stays_home, is_at_home


@pytest.fixture
def answer(settings: Any) -> Callable[..., int]:
    """The status with which a request of these headers is answered while DEMO is on."""
    settings.DEMO = True
    middleware = DemoStaysHomeMiddleware(lambda request: HttpResponse())

    def ask(**meta: str) -> int:
        request: HttpRequest = RequestFactory().get("/", **meta)  # type: ignore[arg-type]
        return middleware(request).status_code

    return ask


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "::1",
        "192.168.1.7",
        "10.0.0.3",
        "testserver",
        "laptop.local",
        "",
        "web",
    ],
)
def test_host__of_this_machine_or_a_private_network__is_at_home(host: str) -> None:
    assert is_at_home(host)


@pytest.mark.parametrize("host", ["*", "linli.example.com", ".example.com", "8.8.8.8", "2a00:1450:4001::1"])
def test_host__public__is_not_at_home(host: str) -> None:
    assert not is_at_home(host)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ALLOWED_HOSTS", ["localhost", "linli.example.com"]),
        ("ALLOWED_HOSTS", ["*"]),
        ("PUBLIC_URL", "https://linli.example.com"),
    ],
)
def test_start__public_name__refused_by_the_server_and_by_check(
    settings: Any, setting: str, value: Any
) -> None:
    settings.DEMO = True
    assert demo_stays_home(None) == []
    setattr(settings, setting, value)
    (problem,) = demo_stays_home(None)
    assert (problem.id, setting in problem.msg) == ("linli.E004", True)
    with pytest.raises(ImproperlyConfigured, match=setting):
        DemoStaysHomeMiddleware(lambda request: HttpResponse())


def test_start__database_elsewhere__refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO = True
    elsewhere = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example.com"}}
    monkeypatch.setattr(guard.settings, "DATABASES", elsewhere)
    assert "DATABASE_URL" in demo_stays_home(None)[0].msg


def test_start__without_demo__public_names_are_allowed(settings: Any) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = False, ["linli.example.com"]
    assert demo_stays_home(None) == []
    with pytest.raises(MiddlewareNotUsed):
        DemoStaysHomeMiddleware(lambda request: HttpResponse())


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_HOST": "linli.example.com"},
        {"REMOTE_ADDR": "8.8.8.8"},
        {"HTTP_HOST": "localhost:8000", "HTTP_X_FORWARDED_FOR": "8.8.8.8"},
        {"HTTP_HOST": "localhost:8000", "HTTP_FORWARDED": "for=10.0.0.1"},
    ],
)
def test_request__from_outside__is_refused(answer: Callable[..., int], meta: dict[str, str]) -> None:
    assert answer(**meta) == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7:8000"])
def test_request__at_home__is_answered(answer: Callable[..., int], host: str) -> None:
    assert answer(HTTP_HOST=host, REMOTE_ADDR="192.168.1.20") == 200
