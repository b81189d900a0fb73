"""Real Chromium for the journeys: one for each test process, a fresh context for each page.

    def test_...(new_page, live_server_url):
        page = new_page(user=resident, mode="large")

Every page opened by ``new_page`` is checked when the test ends: no error in its console, no exception in its
scripts, no request to another host. A test that provokes one removes it from ``page.troubles`` itself.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from _pytest._code import code as tracebacks
from asgiref.sync import AsyncToSync
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from community.core.sessions import SessionStore
from tests.support import given

CHROMIUM = [
    os.environ.get("CHROMIUM", ""),
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=document-user-activation-required",
]
PHONE = (360, 740)
DESK = (1280, 800)
FAILURES = Path(__file__).resolve().parent.parent.parent / "test-results"
_bridge = AsyncToSync.__call__
_statement_of = tracebacks.getstatementrange_ast


def _or_one_line(*args: Any, **more: Any) -> Any:
    """Shortens a failure to one line: Python 3.11 may fail to parse sources while a browser is driven."""
    try:
        return _statement_of(*args, **more)
    except SystemError as error:
        raise SyntaxError from error


tracebacks.getstatementrange_ast = _or_one_line


def _outside_the_loop(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Hides Playwright's event loop, which seems to run in the test's thread and which Channels refuses."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return _bridge(self, *args, **kwargs)
    finally:
        asyncio._set_running_loop(loop)


def chromium() -> str:
    for path in CHROMIUM:
        if path and Path(path).exists():
            return path
    pytest.fail("No Chromium here: tools/browser.sh brings it, or CHROMIUM names one.", pytrace=False)


@pytest.fixture(scope="session")
def playwright_and_loop() -> Iterator[tuple[Playwright, Any]]:
    manager = sync_playwright()
    playwright = manager.start()
    loop = asyncio._get_running_loop()
    # Limited to browser tests: other tests run event loops of their own in this thread.
    asyncio._set_running_loop(None)
    yield playwright, loop
    asyncio._set_running_loop(loop)
    playwright.stop()
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def browser(playwright_and_loop: tuple[Playwright, Any]) -> Iterator[Browser]:
    playwright, loop = playwright_and_loop
    asyncio._set_running_loop(loop)
    running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    asyncio._set_running_loop(None)
    yield running
    asyncio._set_running_loop(loop)
    running.close()
    asyncio._set_running_loop(None)


def session_cookie(user: Any) -> str:
    """Signs a person in without the sign-in pages; returns the key of a new session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    given.note(session, user)
    session.save()
    return str(session.session_key)


def _watch(page: Page, url: str, troubles: list[str]) -> None:
    """Collects invisible problems: console errors, exceptions, requests to other hosts."""
    ours = urlsplit(url).netloc

    def request(asked: Any) -> None:
        parts = urlsplit(asked.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != ours:
            troubles.append(f"request to another host: {asked.url}")

    page.on("console", lambda m: troubles.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(f"exception: {error}"))
    page.on("request", request)


@pytest.fixture
def new_page(
    browser: Browser,
    playwright_and_loop: tuple[Playwright, Any],
    live_server_url: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Page]]:
    """Opens pages as a person: ``new_page(user=…, mode="large", size=DESK, language="en")``."""
    asyncio._set_running_loop(playwright_and_loop[1])
    monkeypatch.setattr(AsyncToSync, "__call__", _outside_the_loop)
    monkeypatch.setattr(settings, "BREAK_LINES", True)
    contexts: list[BrowserContext] = []
    opened: list[Page] = []

    def open_page(
        *,
        user: Any = None,
        mode: str = "standard",
        language: str = "zh-hans",
        size: tuple[int, int] = PHONE,
        **options: Any,
    ) -> Page:
        phone = size[0] < 700
        options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "has_touch": phone, **options}
        context = browser.new_context(
            base_url=live_server_url, viewport={"width": size[0], "height": size[1]}, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        cookies = {"mode": mode, settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            cookies[settings.SESSION_COOKIE_NAME] = session_cookie(user)
        context.add_cookies([{"name": k, "value": v, "url": live_server_url} for k, v in cookies.items()])
        page = context.new_page()
        page.troubles = []  # type: ignore[attr-defined]
        _watch(page, live_server_url, page.troubles)  # type: ignore[attr-defined]
        opened.append(page)
        return page

    yield open_page
    failed = getattr(request.node, "failed", False)
    for number, page in enumerate(opened):
        if failed and not page.is_closed():
            FAILURES.mkdir(exist_ok=True)
            name = "".join(c if c.isalnum() else "_" for c in request.node.name)[:80]
            page.screenshot(path=FAILURES / f"{name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    asyncio._set_running_loop(None)
    if not failed:
        troubles = [trouble for page in opened for trouble in page.troubles]  # type: ignore[attr-defined]
        assert not troubles, "\n".join(troubles)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Opens a page of a signed-out person on a phone in the standard mode."""
    return new_page()
