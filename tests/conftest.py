"""Fixtures for every test; what they stand on is in tests/support/."""

import gc
from collections.abc import Generator, Iterator
from typing import Any

# Early and on purpose: pytest's plugin would import it late, inside the greenlet that drives the
# browser, where Python 3.11 fails to parse so deep in the stack.
import hypothesis  # noqa: F401
import pytest
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests.support import backing, draws, ending, given, ordering

# All that is loaded and collected here stays to the end: looking for garbage in it takes a third of a
# process's start.
gc.disable()
draws.register()
backing.prepare()
given.count_as_given()

from community.desk import presence  # noqa: E402
from tests.factories.base import restart_numbers  # noqa: E402
from tests.support import database  # noqa: E402
from tests.support.all_rights import all_rights  # noqa: E402
from tests.support.browser import browser, new_page, page, playwright_and_loop  # noqa: E402, F401
from tests.support.processes import (  # noqa: E402, F401
    live_server_url,
    process_env,
    server_port,
    serving,
    start_worker,
)
from tests.support.undone import world, world_of_all  # noqa: E402, F401


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of the plugin's, which would migrate once a process."""
    with django_db_blocker.unblock():
        database.make()
    yield
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(scope="module", autouse=True)
def _short_numbers() -> None:
    restart_numbers()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if not backing.WORKER:
        database.drop_original()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("services") and connection.vendor == "sqlite":
            item.add_marker(pytest.mark.skip(reason=ending.SERVICES))
        if item.get_closest_marker("once") and connection.vendor != "sqlite":
            item.add_marker(pytest.mark.skip(reason=ending.ONCE))
    ordering.dearest_first(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Look for garbage from here on, in the tests' own objects only, and more rarely than a server does."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    ending.write(terminalreporter)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a fixture know at its end whether the test failed, to keep a picture of the page."""
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


@pytest.fixture
def every_right() -> Iterator[None]:
    """Gives system administrators every list of the back office, for tests of how lists work."""
    with all_rights():
        yield


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """No limit, cached answer or queued task of one test is there in the next."""
    backing.forget_redis()


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> None:
    """A page asked for in English leaves English active for the next test of the process."""
    translation.deactivate()


@pytest.fixture
def people_are_counted() -> None:
    """Whoever opens a page in this test is written down, as everywhere else."""
    presence.known.forget()


@pytest.fixture(autouse=True)
def _nobody_is_counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day's first page of a person is one write longer: only tests about that have it."""
    if "people_are_counted" not in request.fixturenames:
        monkeypatch.setattr(presence, "_write_down", lambda person, mode: None)
