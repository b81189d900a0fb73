"""The life of an import: read in the background, written once, seen by its owner, forgotten in a day."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import audit, background, clock
from community.core.errors import Forbidden
from community.core.models import AuditRecord
from community.estates.actions import confirm_import, continue_import
from community.estates.actions import sweep_imports as sweep
from community.estates.models import Estate, Home, ImportRun
from community.estates.tasks import carry_on_import
from tests import factories as make
from tests.community.estates.importing import GOOD, check, choose, confirm, sheet


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)


@pytest.fixture
def client(manager: User) -> Client:
    client = Client()
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_import__while_it_is_read__the_page_looks_again_by_itself(client: Client, estate: Estate) -> None:
    address = choose(client, "estates_home", estate, sheet(*GOOD))["Location"]
    answer = client.get(address)
    assert answer["Refresh"]
    carry_on_import(ImportRun.objects.get().pk)
    assert "Refresh" not in client.get(address)


def test_import__yes_pressed_twice__writes_once_and_is_no_error(client: Client, estate: Estate) -> None:
    checked = check(client, "estates_home", estate, sheet(*GOOD))
    for _press in range(2):
        assert confirm(client, "estates_home", checked).context["run"].status == ImportRun.Status.DONE
    assert Home.objects.count() == 1
    assert AuditRecord.objects.filter(action="import.estates.home").count() == 1


def test_import__back_from_signing_in_again__leads_to_the_page_that_asks(
    client: Client, estate: Estate
) -> None:
    """Signed out meanwhile, a person comes back to the yes by its address alone."""
    checked = check(client, "estates_home", estate, sheet(*GOOD))
    answer = client.get(checked.context["confirm_url"], follow=True)
    assert answer.context["run"].status == ImportRun.Status.READY
    assert not Home.objects.exists()


def test_import__of_a_colleague__is_not_there(client: Client, estate: Estate) -> None:
    checked = check(client, "estates_home", estate, sheet(*GOOD))
    other = Client()
    other.force_login(
        make.make_staff(role=StaffRole.Role.MANAGER, estate=estate),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert other.get(checked.wsgi_request.path).status_code == 404
    for verb in ("confirm_url", "drop_url", "answer_url", "undo_url"):
        assert other.post(checked.context[verb]).status_code == 404
    assert ImportRun.objects.exists()


def test_import__right_lost_meanwhile__is_refused(client: Client, estate: Estate, manager: User) -> None:
    checked = check(client, "estates_home", estate, sheet(*GOOD))
    StaffRole.objects.filter(user=manager).update(role=StaffRole.Role.DISPATCHER)
    assert client.post(checked.context["confirm_url"]).status_code == 403
    run = ImportRun.objects.get()
    with pytest.raises(Forbidden):
        confirm_import(run=run, answers={}, by=manager, now=clock.now())


def test_import__file_and_rows__are_sealed_and_gone_with_the_no(client: Client, estate: Estate) -> None:
    choose(client, "estates_home", estate, sheet(*GOOD))
    stored = ImportRun.objects.get().stored
    kept = Path(default_storage.path(stored)).read_bytes()
    assert b"PK\x03\x04" not in kept
    carry_on_import(ImportRun.objects.get().pk)
    assert not default_storage.exists(stored)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows, outcome FROM estates_importrun")
        assert "501" not in str(cursor.fetchone())
    client.post(reverse("admin:estates_home_import_drop", args=[ImportRun.objects.get().pk]))
    assert not ImportRun.objects.exists()


def test_import__another_file__forgets_the_one_before(client: Client, estate: Estate) -> None:
    choose(client, "estates_home", estate, sheet(*GOOD))
    first = ImportRun.objects.get().stored
    choose(client, "estates_home", estate, sheet(*GOOD))
    assert not default_storage.exists(first)
    assert ImportRun.objects.count() == 1


# -- Cut off


def test_import__another_file_while_one_is_written__leaves_that_alone(client: Client, estate: Estate) -> None:
    choose(client, "estates_home", estate, sheet(*GOOD))
    ImportRun.objects.update(status=ImportRun.Status.WRITING)
    choose(client, "estates_home", estate, sheet(*GOOD))
    assert ImportRun.objects.filter(status=ImportRun.Status.WRITING).count() == 1


def test_sweep__worker_killed_while_reading__goes_on(client: Client, estate: Estate, monkeypatch) -> None:
    choose(client, "estates_home", estate, sheet(*GOOD))
    run = ImportRun.objects.get()
    ImportRun.objects.update(attempts=1, progressed_at=clock.now())
    carry_on_import(run.pk)  # as if delivered twice: one is at work already
    assert ImportRun.objects.get().status == ImportRun.Status.READING
    queued: list[Any] = []
    monkeypatch.setattr(background, "queue", lambda task, calls: queued.append((task, calls)))
    later = clock.now() + timedelta(minutes=6)
    assert sweep(now=later) == 1
    assert queued == [("community.estates.tasks.carry_on_import", [(run.pk,)])]
    continue_import(run=ImportRun.objects.get(), now=later)
    assert ImportRun.objects.get().status == ImportRun.Status.READY


def test_sweep__cut_off_again_and_again__is_given_up_in_words(client: Client, estate: Estate) -> None:
    address = choose(client, "estates_home", estate, sheet(*GOOD))["Location"]
    stored = ImportRun.objects.get().stored
    ImportRun.objects.update(attempts=3, progressed_at=clock.now())
    sweep(now=clock.now() + timedelta(minutes=6))
    assert client.get(address).context["run"].status == ImportRun.Status.FAILED
    assert not default_storage.exists(stored)


def test_sweep__a_day_later__deletes_the_run_and_its_file(client: Client, estate: Estate) -> None:
    choose(client, "estates_home", estate, sheet(*GOOD))
    stored = ImportRun.objects.get().stored
    sweep(now=clock.now() + timedelta(seconds=50))
    assert default_storage.exists(stored)
    sweep(now=clock.now() + timedelta(hours=25))
    assert not default_storage.exists(stored)
    assert not ImportRun.objects.exists()


def test_write__killed_in_the_middle__has_written_nothing_and_goes_on(
    client: Client, estate: Estate, monkeypatch
) -> None:
    checked = check(client, "estates_home", estate, sheet(*GOOD))
    client.post(checked.context["confirm_url"])
    monkeypatch.setattr(audit, "record", lambda *args, **named: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        carry_on_import(ImportRun.objects.get().pk)
    assert not Home.objects.exists()
    monkeypatch.undo()
    continue_import(run=ImportRun.objects.get(), now=clock.now() + timedelta(minutes=6))
    assert ImportRun.objects.get().status == ImportRun.Status.DONE
    assert Home.objects.count() == 1
