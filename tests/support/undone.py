"""Fixtures that several tests share, created once and undone after the last of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.support.world import World, make_world


@contextmanager
def undone_at_the_end(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Opens a transaction around tests that each undo their own; not for tests that need a real commit."""
    block = transaction.atomic()
    # As Django marks those of its test cases: what changes inside is told as if it were committed.
    block._from_testcase = True  # type: ignore[attr-defined]
    with blocker.unblock(), block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world_of_all(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with undone_at_the_end(django_db_blocker):
        yield make_world()


@pytest.fixture
def world(world_of_all: World, db: None) -> World:
    """Returns the world, created once a module in two estates; changes of a test are undone.

    For modules whose tests all use it: it exists until the last of them.
    """
    return world_of_all
