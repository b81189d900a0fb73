"""Long sheets: made in the background by the page's own code, for whoever asked and may still have them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import StaffRole, User
from community.core import background, clock, exports
from community.core.actions import make_export, sweep_exports
from community.core.exports import ExportAdmin
from community.core.models import AuditRecord, ExportFile
from community.estates.models import Estate
from services.repairs.models import Repair
from tests import factories as make
from tests.community.admin_pages import signed_in

Status = ExportFile.Status
ADDRESS = "admin:repairs_repair_export"


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)


@pytest.fixture
def client(manager: User) -> Client:
    return signed_in(manager)


@pytest.fixture
def repairs(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> list[Repair]:
    """Three, where more than two are too many to wait for."""
    monkeypatch.setattr(exports, "MAX_AT_ONCE", 2)
    return [make.make_repair(home=make.make_home(estate=estate)) for _number in range(3)]


def made(client: Client, address: str) -> Any:
    """The page of a sheet that was asked for, when the background is through with it."""
    answer = client.get(address)
    assert answer.status_code == 302, address
    make_export(pk=ExportFile.objects.latest("pk").pk, now=clock.now())
    return client.get(answer["Location"])


def test_export__few_rows__are_answered_at_once(client: Client, repairs: list[Repair]) -> None:
    answer = client.get(reverse(ADDRESS), {"q": repairs[0].reference})
    assert answer.status_code == 200
    assert not ExportFile.objects.exists()


def test_export__many_rows__are_made_in_the_background(client: Client, repairs: list[Repair]) -> None:
    answer = client.get(reverse(ADDRESS), {"status__exact": "new"}, REMOTE_ADDR="10.1.2.3")
    assert not AuditRecord.objects.filter(action="export.repairs.repair").exists()
    page = client.get(answer["Location"])
    assert page["Refresh"]
    export = page.context["export"]
    assert client.get(reverse("export_download", args=[export.pk])).status_code == 404
    make_export(pk=export.pk, now=clock.now())
    assert "Refresh" not in client.get(answer["Location"])
    download = client.get(reverse("export_download", args=[export.pk]))
    assert download["Cache-Control"] == "private, no-store"
    rows = list(load_workbook(BytesIO(download.content)).active.values)
    assert {row[1] for row in rows[1:]} == {repair.reference for repair in repairs}
    record = AuditRecord.objects.get(action="export.repairs.repair")
    assert (record.detail, record.address) == ({"rows": 3, "filters": ["status__exact"]}, "10.1.2.3")
    kept = Path(default_storage.path(ExportFile.objects.get().stored)).read_bytes()
    assert b"PK\x03\x04" not in kept


def test_export__of_another_person__is_not_there(
    client: Client, repairs: list[Repair], estate: Estate
) -> None:
    export = made(client, reverse(ADDRESS)).context["export"]
    colleague = signed_in(make.make_staff(role=StaffRole.Role.MANAGER, estate=estate))
    for name in ("export_file", "export_download"):
        assert colleague.get(reverse(name, args=[export.pk])).status_code == 404


def test_export__right_lost_meanwhile__cannot_be_downloaded(
    client: Client, repairs: list[Repair], manager: User
) -> None:
    export = made(client, reverse(ADDRESS)).context["export"]
    StaffRole.objects.filter(user=manager).update(role=StaffRole.Role.FRONT_DESK)
    assert client.get(reverse("export_download", args=[export.pk])).status_code == 403


def test_export__right_lost_before_it_is_made__is_not_made(
    client: Client, repairs: list[Repair], manager: User
) -> None:
    client.get(reverse(ADDRESS))
    StaffRole.objects.filter(user=manager).update(role=StaffRole.Role.FRONT_DESK)
    make_export(pk=ExportFile.objects.get().pk, now=clock.now())
    assert ExportFile.objects.get().status == Status.FAILED
    assert not AuditRecord.objects.filter(action__startswith="export.").exists()


def test_export__asked_for_twice__is_made_once(client: Client, repairs: list[Repair]) -> None:
    first, second = client.get(reverse(ADDRESS)), client.get(reverse(ADDRESS))
    assert first["Location"] == second["Location"]


def test_export__every_list_and_page__can_be_made_in_the_background(
    estate: Estate, manager: User, monkeypatch: pytest.MonkeyPatch, every_right: None
) -> None:
    monkeypatch.setattr(exports, "MAX_AT_ONCE", -1)
    notice = make.make_notice(estate=estate)
    administrator = make.make_user(is_staff=True, is_superuser=True)
    lists = [one for one in admin.site._registry.values() if isinstance(one, ExportAdmin)]
    assert len(lists) > 10
    for office in lists:
        name = f"{office.opts.app_label}_{office.opts.model_name}"
        page = made(signed_in(administrator), reverse(f"admin:{name}_export"))
        assert page.context["export"].status == Status.READY, name
    client = signed_in(manager)
    for name, kwargs in (
        ("fees_takings_sheet", {}),
        ("fees_arrears_sheet", {}),
        ("measure_sheet", {"key": "first_answer"}),
        ("measure_rows_sheet", {"key": "collection"}),
        ("staff_notice_sheet", {"pk": notice.pk}),
    ):
        page = made(client, reverse(name, kwargs=kwargs))
        assert page.context["export"].status == Status.READY, name


# -- Cut off


def test_sweep__worker_killed__is_made_again(client: Client, repairs: list[Repair], monkeypatch) -> None:
    client.get(reverse(ADDRESS))
    export = ExportFile.objects.get()
    ExportFile.objects.update(attempts=1, progressed_at=clock.now())
    make_export(pk=export.pk, now=clock.now())  # as if delivered twice: one is at work already
    assert ExportFile.objects.get().status == Status.WAITING
    queued: list[Any] = []
    monkeypatch.setattr(background, "queue", lambda task, calls: queued.append((task, calls)))
    later = clock.now() + timedelta(minutes=6)
    assert sweep_exports(now=later) == 1
    assert queued == [("community.core.tasks.make_export", [(export.pk,)])]
    make_export(pk=export.pk, now=later)
    assert ExportFile.objects.get().status == Status.READY


def test_sweep__cut_off_again_and_again__is_given_up(client: Client, repairs: list[Repair]) -> None:
    address = client.get(reverse(ADDRESS))["Location"]
    ExportFile.objects.update(attempts=3, progressed_at=clock.now())
    sweep_exports(now=clock.now() + timedelta(minutes=6))
    page = client.get(address)
    assert page.context["export"].status == Status.FAILED
    assert "Refresh" not in page


def test_sweep__a_day_later__deletes_the_file(client: Client, repairs: list[Repair]) -> None:
    made(client, reverse(ADDRESS))
    stored = ExportFile.objects.get().stored
    sweep_exports(now=clock.now() + timedelta(hours=23))
    assert default_storage.exists(stored)
    sweep_exports(now=clock.now() + timedelta(hours=25))
    assert not default_storage.exists(stored)
    assert not ExportFile.objects.exists()
