"""All that is encrypted changes its key, and what is written meanwhile stays."""

import base64
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from accounts.models import RosterEntry, User
from community.core import rotation
from community.core.encryption import blind_index
from community.core.search.filtering import Ways, search_filter
from tests.factories import make_estate, make_home, make_roster_entry, make_user
from tests.support.own_media import use_own_media

pytestmark = pytest.mark.django_db
NEWER = "newer:" + base64.b64encode(b"n" * 32).decode()
PHONE = "+8613812345678"
WAYS = Ways(people=("pk",))


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    use_own_media(settings, tmp_path)


def stored(table: str, column: str, pk: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM {table} WHERE id = %s', [pk])
        return str(cursor.fetchone()[0])


def rotate(*options: str) -> str:
    said = StringIO()
    call_command("rotate_keys", *options, stdout=said, stderr=said)
    return said.getvalue()


def test_rotation__columns_and_files__name_the_newest_key_and_the_old_one_is_free(settings: Any) -> None:
    user = make_user(name="王秀英", phone=PHONE)
    entry = make_roster_entry(home=make_home(), name="陈建国", birth_year=1948)
    name = default_storage.save("pictures/a.jpg", ContentFile(b"picture"))
    settings.FIELD_KEYS = f"{NEWER},{settings.FIELD_KEYS}"
    assert "demo: " in rotate("--check")
    assert "1 in files" in rotate("--check")

    said = rotate()
    assert "demo: free, nothing names it" in said
    for column in ("name", "phone"):
        assert stored("accounts_user", column, user.pk).startswith("newer:")
    settings.FIELD_KEYS = NEWER
    assert User.objects.get(pk=user.pk).name == "王秀英"
    assert RosterEntry.objects.get(pk=entry.pk).birth_year == 1948
    with default_storage.open(name) as file:
        assert file.read() == b"picture"
    default_storage.delete(name)


def test_rotation__other_cipher__columns_and_files_follow(settings: Any) -> None:
    user = make_user(name="王秀英", phone=PHONE)
    name = default_storage.save("pictures/a.jpg", ContentFile(b"picture"))
    settings.FIELD_CIPHER = "sm4-gcm"
    rotate()
    assert stored("accounts_user", "name", user.pk).startswith("demo/sm4-gcm:")
    assert Path(default_storage.path(name)).read_bytes().startswith(b"linli-sealed-1 demo/sm4-gcm\n")
    assert User.objects.get(pk=user.pk).name == "王秀英"
    default_storage.delete(name)


def test_rotation__value_in_clear__is_read_and_encrypted() -> None:
    user = make_user(name="王秀英")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = '王:秀英' WHERE id = %s", [user.pk])
    assert User.objects.get(pk=user.pk).name == "王:秀英"
    assert "in clear: 1 in accounts_user.name" in rotate("--check")
    rotate()
    assert stored("accounts_user", "name", user.pk).startswith("demo:")
    assert User.objects.get(pk=user.pk).name == "王:秀英"


def test_rotation__row_written_meanwhile__keeps_what_was_written(settings: Any) -> None:
    user = make_user(name="王秀英")
    settings.FIELD_KEYS = f"{NEWER},{settings.FIELD_KEYS}"
    source = next(one for one in rotation.sources() if str(one) == "accounts_user.name")

    def meanwhile(source: rotation.Source, value: str) -> str:
        User.objects.filter(pk=user.pk).update(name="王秀兰")
        return rotation._renewed(source, value)

    assert sum(rotation.rewrite(source, meanwhile)) >= 1
    assert User.objects.get(pk=user.pk).name == "王秀兰"


def test_rotation__value_of_a_lost_key__is_left_and_named(settings: Any) -> None:
    user = make_user(name="王秀英")
    settings.FIELD_KEYS = NEWER
    before = stored("accounts_user", "name", user.pk)
    assert "unknown key: " in rotate()
    assert stored("accounts_user", "name", user.pk) == before


def test_blind_index__rotated__people_are_found_before_during_and_after(settings: Any) -> None:
    estate = make_estate()
    user = make_user(name="王秀英", phone=PHONE)
    entry = make_roster_entry(home=make_home(estate=estate), name="王秀英", phone=PHONE)
    settings.BLIND_INDEX_OLD_KEY = settings.BLIND_INDEX_KEY
    settings.BLIND_INDEX_KEY = "another key, as long as the first one was"

    def is_found() -> bool:
        by_name = User.objects.filter(search_filter("王秀英", WAYS))
        return (
            list(User.objects.with_phone(PHONE))
            == list(User.objects.named("王秀英"))
            == list(by_name)
            == [user]
        )

    assert is_found()
    assert "1 in accounts_user.phone_index" in rotate("--blind-index", "--check")
    said = rotate("--blind-index")
    assert "former key of the blind index: free" in said
    assert is_found()
    settings.BLIND_INDEX_OLD_KEY = ""
    assert is_found()
    entry.refresh_from_db()
    assert entry.phone_index == blind_index(PHONE)
    assert rotation.former_indexes(User, User._meta.get_field("phone_index")) == 0
