"""Whoever writes in many transactions learns whether others wait to write."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from tests.factories import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL wakes who waits"),
]


def rename(person: User) -> None:
    User.objects.filter(pk=person.pk).update(name="王秀英")


def rename_in_transaction(person: User) -> None:
    with transaction.atomic():
        rename(person)


def others_wait() -> bool:
    return bool(connection.others_wait())  # type: ignore[attr-defined]


@pytest.mark.parametrize("write", [rename, rename_in_transaction])
def test_others_wait__while_somebody_waits_to_write__is_true(write: Callable[[User], None]) -> None:
    person = make_user()

    def run() -> None:
        try:
            write(person)
        finally:
            connections.close_all()

    other = threading.Thread(target=run)
    assert not others_wait()
    with transaction.atomic():
        person.save()
        other.start()
        until = time.monotonic() + 10
        while not others_wait() and time.monotonic() < until:
            time.sleep(0.005)
        assert others_wait()
    other.join(timeout=10)
    assert not others_wait()
    person.refresh_from_db()
    assert person.name == "王秀英"
