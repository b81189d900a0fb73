"""What several tests look at is made once, and undone when the last of them is over."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker


@contextmanager
def undone_at_the_end(blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around tests that each undo their own; not for tests that need a real commit."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
