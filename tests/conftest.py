"""Fixtures for every test; what they stand on is in tests/support/."""

from collections.abc import Generator
from typing import Any

# Early and on purpose: pytest's plugin would import it late, inside the greenlet that drives the
# browser, where Python 3.11 fails to parse so deep in the stack.
import hypothesis  # noqa: F401
import pytest
from django.db import connection

from tests.support import backing

backing.prepare()

from tests.support.browser import browser, new_page, page, playwright_and_loop  # noqa: E402, F401
from tests.support.processes import (  # noqa: E402, F401
    live_server_url,
    process_env,
    server_port,
    start_worker,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("services") and connection.vendor == "sqlite":
            item.add_marker(pytest.mark.skip(reason="says something on PostgreSQL only"))
        if item.get_closest_marker("drawn") and connection.vendor != "sqlite":
            item.add_marker(pytest.mark.skip(reason="drawn the same from every database"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a fixture know at its end whether the test failed, to keep a picture of the page."""
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """No limit, cached answer or queued task of one test is there in the next."""
    backing.forget_redis()
