"""The demo estate, loaded once for all that is said of it."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.support import database


@pytest.fixture(scope="package")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), database.demo_estate():
        yield


@pytest.fixture
def demo(_loaded: None, db: None) -> None:
    """The demo estate; what a test changes of it is undone."""
