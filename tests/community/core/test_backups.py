"""A backup, and an empty place that becomes what was backed up, row by row."""

import json
import os
import tarfile
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pyrage
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from community.core import checks
from community.core.backups import archive, keeping
from community.core.backups.databases import BackupFailed
from tests import factories as make
from tests.support import database, own_media

KEY = pyrage.x25519.Identity.generate()
PUBLIC = str(KEY.to_public())
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def there(settings, tmp_path) -> Path:
    """A folder for backups; the private files are in one of their own."""
    own_media.use_own_media(settings, tmp_path / "media")
    settings.BACKUP_DIR, settings.BACKUP_RECIPIENTS = tmp_path / "backups", [PUBLIC]
    (tmp_path / "key").write_text(f"# created by age-keygen\n{KEY}\n")
    return tmp_path


def made(there: Path) -> Path:
    call_command("back_up", stdout=StringIO())
    return keeping.all_in(there / "backups")[0]


@pytest.mark.django_db(transaction=True)
def test_backup__restored_into_an_empty_place__every_row_and_file(there, settings):
    make.make_repair(description="水管爆了")
    name = default_storage.save("repairs/a.jpg", ContentFile(b"x" * 3_000_000))
    path = made(there)
    assert (path.stat().st_mode & 0o777, [one.name for one in (there / "backups").iterdir()]) == (
        0o600,
        [path.name],
    )
    content = path.read_bytes()
    assert b"SQLite" not in content
    assert b"PGDMP" not in content

    before = database.rows()
    assert len(before["repairs_repair"]) == 1
    own_media.use_own_media(settings, there / "restored")
    with database.empty():
        call_command("restore", path, key=there / "key", stdout=(said := StringIO()))
        assert "Restored: the database and 1 files" in said.getvalue()
        assert database.rows() == before
        with pytest.raises(CommandError, match="has tables already"):
            call_command("restore", path, key=there / "key")
    assert (there / "restored" / name).read_bytes() == (there / "media" / name).read_bytes()


def test_backup__opened_for_a_look__counts_its_files(there, db):
    default_storage.save("repairs/a.jpg", ContentFile(b"x"))
    call_command("restore", made(there), key=there / "key", check=True, stdout=(said := StringIO()))
    assert "the database and 1 files, all whole" in said.getvalue()


def test_backup__without_a_public_key__is_refused_and_leaves_nothing(there, settings):
    for given, said in (
        ([], "leak"),
        (["age1nonsense"], "no public key"),
        (["AGE-SECRET-KEY-1"], "no public key"),
    ):
        settings.BACKUP_RECIPIENTS = given
        with pytest.raises(CommandError, match=said):
            call_command("back_up")
    assert not (there / "backups").exists()


def test_check__of_the_deployment__names_a_missing_and_a_wrong_key(settings):
    for given, found in (([], "linli.W003"), (["age1nonsense"], "linli.E012"), ([PUBLIC], None)):
        settings.BACKUP_RECIPIENTS = given
        assert [one.id for one in checks.backups_can_be_made(None)] == ([found] if found else [])


def test_backup__disk_full_in_the_middle__leaves_nothing(there, db, monkeypatch):
    default_storage.save("repairs/a.jpg", ContentFile(b"x"))
    (there / "backups").mkdir()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pyrage, "encrypt_io", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("back_up")
    assert list((there / "backups").iterdir()) == []


def broken(path: Path) -> dict[str, bytes]:
    whole = path.read_bytes()
    middle = len(whole) // 2
    return {
        "cut at the end": whole[:-100],
        "cut to its head": whole[:300],
        "one bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "two parts swapped": whole[:-70_000] + whole[-66_000:] + whole[-70_000:-66_000],
        "empty": b"",
    }


@pytest.mark.django_db(transaction=True)
def test_restore__damaged__touches_nothing(there, settings):
    default_storage.save("repairs/a.jpg", ContentFile(os.urandom(300_000)))
    path = made(there)
    own_media.use_own_media(settings, there / "restored")
    with database.empty():
        for name, content in broken(path).items():
            (there / "bad").write_bytes(content)
            with pytest.raises(CommandError, match="Nothing was restored"):
                call_command("restore", there / "bad", key=there / "key")
            assert connection.introspection.table_names() == [], name
        (there / "key").write_text(str(pyrage.x25519.Identity.generate()))
        with pytest.raises(CommandError, match="another key"):
            call_command("restore", path, key=there / "key")
        (there / "key").write_text("nothing")
        with pytest.raises(CommandError, match="no line AGE-SECRET-KEY"):
            call_command("restore", path, key=there / "key")
    assert not (there / "restored").exists()
    assert [one.name for one in there.iterdir() if one.name.startswith(".backup-")] == []


def packed(there: Path, name: str, listed: dict[str, str] | None) -> Path:
    """A backup that somebody with the public key has made up."""
    tarred = BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for member, content in (
            (name, b"x"),
            (archive.MANIFEST, json.dumps({"version": 1, "sha256": listed}).encode()),
        ):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    path = there / "made-up"
    path.write_bytes(pyrage.encrypt(tarred.getvalue(), [KEY.to_public()]))
    return path


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "media/../../out", "media/a"])
def test_restore__made_up_by_somebody__writes_nothing_outside(there, name):
    (there / "into").mkdir()
    with pytest.raises(BackupFailed):
        archive.read(packed(there, name, {"other": "0"}), KEY, there / "into")
    assert not (there / "out").exists()
    assert not Path("/tmp/out").exists()


def test_keeping__two_years_of_nights__days_weeks_and_months(tmp_path):
    nights = [tmp_path / keeping.name_of(NOW - timedelta(days=number)) for number in range(730)]
    gone = set(keeping.to_delete([*nights, tmp_path / "something else"]))
    kept = [path for path in nights if path not in gone]
    days = [(NOW - at).days for path in kept if (at := keeping.made_at(path))]
    assert days[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert len(kept) <= 7 + 4 + 12
    assert max(days) >= 300
    # Deleting every night keeps the same as deleting once.
    alive: list[Path] = []
    for path in reversed(nights):
        alive = [one for one in [path, *alive] if one not in keeping.to_delete([path, *alive])]
    assert set(alive) == set(kept)


def test_age__of_the_newest__is_told_to_who_watches(there):
    assert [list(one.values) for one in keeping.age(NOW)] == [[]]
    (there / "backups").mkdir()
    for hours in (30, 5):
        (there / "backups" / keeping.name_of(NOW - timedelta(hours=hours))).write_bytes(b"")
    assert [list(one.values) for one in keeping.age(NOW)] == [[({}, 5 * 3600.0)]]


def test_keeping__one_old_backup__stays(tmp_path):
    assert keeping.to_delete([tmp_path / keeping.name_of(NOW - timedelta(days=900))]) == []


def test_keeping__deleted_by_the_command(there, db):
    (there / "backups").mkdir()
    old = [there / "backups" / keeping.name_of(NOW - timedelta(hours=number)) for number in range(3)]
    for path in old:
        path.write_bytes(b"")
    call_command("back_up", stdout=(said := StringIO()))
    assert [path.exists() for path in old] == [True, False, False]
    assert said.getvalue().count(": deleted") == 2
