"""The demo estate, loaded once for all that is said of it."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.support.undone import undone_at_the_end


@pytest.fixture(scope="package")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with undone_at_the_end(django_db_blocker):
        with override_settings(DEMO=True):
            call_command("load_demo")
        yield


@pytest.fixture
def demo(_loaded: None, db: None) -> None:
    """The demo estate; what a test changes of it is undone."""
