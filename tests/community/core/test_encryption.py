import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import IntegrityError, connection, transaction

from accounts.models import RosterEntry, User
from community.core import encryption
from tests.factories import make_home

PHONE = "+8613812345678"


def in_the_database(user: User, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_user WHERE id = %s", [user.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_column__holds_no_clear_text_and_reads_back() -> None:
    user = User.objects.create_user(name="王秀英", phone=PHONE)
    stored = in_the_database(user, "phone")
    key, _colon, sealed = stored.partition(":")
    assert key == "demo"
    assert PHONE[3:10] not in sealed
    # Three digits stand by chance among the letters of many texts, and hardly ever among as many bytes.
    assert b"138" not in base64.b64decode(sealed)
    assert User.objects.get(pk=user.pk).phone == PHONE
    assert "13812345678" not in in_the_database(user, "phone_index")


@pytest.mark.django_db
def test_column__the_same_text_twice__looks_different() -> None:
    home = make_home()
    stored = set()
    for _person in range(2):
        entry = RosterEntry.objects.create(home=make_home(estate=home.estate), name="陈", phone=PHONE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM accounts_rosterentry WHERE id = %s", [entry.pk])
            stored.add(cursor.fetchone()[0])
    assert len(stored) == 2


@pytest.mark.django_db
def test_column__copied_into_another__does_not_decrypt() -> None:
    user = User.objects.create_user(name="王秀英", phone=PHONE)
    stored = in_the_database(user, "phone")
    assert encryption.decrypt(stored, column="accounts_user.phone") == PHONE
    with pytest.raises(InvalidTag):
        encryption.decrypt(stored, column="accounts_rosterentry.phone")


@pytest.mark.django_db
def test_blind_index__finds_and_keeps_unique() -> None:
    user = User.objects.create_user(name="王秀英", phone=PHONE)
    assert list(User.objects.with_phone(PHONE)) == [user]
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(name="另一个", phone=PHONE)
    User.objects.create_user(name="没有号码")
    User.objects.create_user(name="也没有号码")


@pytest.mark.django_db
def test_column__cannot_be_searched_by_its_content() -> None:
    with pytest.raises(FieldError):
        list(User.objects.filter(phone__contains="138"))


def test_keys__a_new_one_in_front__old_values_still_read(settings: Any) -> None:
    old = encryption.encrypt("住3号楼", column="c")
    key = base64.b64encode(b"n" * 32).decode()
    settings.FIELD_KEYS = f"newer:{key},{settings.FIELD_KEYS}"
    fresh = encryption.encrypt("住3号楼", column="c")
    assert fresh.startswith("newer:")
    assert encryption.decrypt(old, column="c") == encryption.decrypt(fresh, column="c") == "住3号楼"
    settings.FIELD_KEYS = f"newer:{key}"
    with pytest.raises(KeyError):
        encryption.decrypt(old, column="c")


@pytest.mark.parametrize("keys", ["short:" + base64.b64encode(b"x" * 16).decode(), "noname"])
def test_keys__too_short_or_nameless__are_refused(settings: Any, keys: str) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        encryption.encrypt("x", column="c")


def test_value__changed_by_one_bit__does_not_decrypt() -> None:
    name, _colon, body = encryption.encrypt("x", column="c").partition(":")
    sealed = bytearray(base64.b64decode(body))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        encryption.decrypt(f"{name}:{base64.b64encode(sealed).decode()}", column="c")
