"""Excel in: checked row by row in plain words, then everything or nothing."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Residency, RosterEntry, StaffRole, User
from community.core.models import AuditRecord
from community.estates.models import Building, Estate, Home, ImportRun
from tests import factories as make
from tests.community.estates.importing import (
    HOMES,
    ROSTER,
    XLSX,
    check,
    choose,
    complaints,
    confirm,
    sheet,
)
from tests.support import workbooks


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


def test_import_homes__good_sheet__makes_places_after_the_yes(client: Client, estate: Estate) -> None:
    upload = sheet(HOMES, ["1号楼", "1单元", 501, 5, 98.5], ["12号楼", "2单元", "1203", None, "76.30"])
    checked = check(client, "estates_home", estate, upload)
    assert checked.status_code == 200
    assert not Home.objects.exists()
    assert confirm(client, "estates_home", checked).context["run"].status == ImportRun.Status.DONE
    homes = {home.number: home for home in Home.objects.with_address()}
    assert (homes["501"].area_dm2, homes["501"].floor) == (9850, 5)
    assert (homes["1203"].area_dm2, homes["1203"].floor) == (7630, 12)
    assert {home.estate for home in homes.values()} == {estate}
    assert Building.objects.get(name="12号楼").position == 12
    assert AuditRecord.objects.get(action="import.estates.home").estate_id_number == estate.pk


def test_import_homes__again__updates_and_makes_nothing_twice(client: Client, estate: Estate) -> None:
    for area in (98.5, 99):
        upload = sheet(HOMES, ["1号楼", "1单元", "501", 5, area])
        confirm(client, "estates_home", check(client, "estates_home", estate, upload))
    assert Home.objects.get().area_dm2 == 9900
    assert Building.objects.count() == 1


def test_import_homes__wrong_rows__are_named_and_nothing_is_written(client: Client, estate: Estate) -> None:
    upload = sheet(
        HOMES,
        ["1号楼", "1单元", "501", 5, 98.5],
        ["", "1单元", "502", 5, 98.5],
        ["1号楼", "1单元", "503", 5, "很大"],
        ["1号楼", "1单元", "501", 5, 70],
        ["1号楼", "1单元", "504", "五", 70],
        ["1号楼", "1单元", "505", 5, 70.123],
    )
    answer = check(client, "estates_home", estate, upload)
    assert sorted(complaints(answer)) == [3, 4, 5, 6, 7]
    assert "楼栋" in complaints(answer)[3]
    assert "很大" in complaints(answer)[4]
    assert "2" in complaints(answer)[5]
    assert answer.context["confirm_url"] not in answer.content.decode()
    assert not Home.objects.exists()
    assert not Building.objects.exists()
    assert "<td" in answer.content.decode()


def test_import_homes__without_a_column__says_which(client: Client, estate: Estate) -> None:
    answer = check(client, "estates_home", estate, sheet(["楼栋", "单元", "楼层"], ["1号楼", "1单元", 5]))
    assert "房号、建筑面积" in answer.content.decode()
    assert not Home.objects.exists()


def test_import_homes__not_a_workbook__is_refused_at_once(client: Client, estate: Estate) -> None:
    answer = choose(client, "estates_home", estate, SimpleUploadedFile("homes.xlsx", b"not a workbook"))
    assert answer.status_code == 200
    assert "import_file" in answer.context["form"].errors


def test_import_homes__file_of_wps__is_to_be_saved_as_xlsx(client: Client, estate: Estate) -> None:
    answer = choose(client, "estates_home", estate, SimpleUploadedFile("房屋.et", workbooks.xls(HOMES)))
    assert ".xlsx" in " ".join(answer.context["form"].errors["import_file"])


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", workbooks.compound({"WordDocument": b"x"})])
def test_import_homes__broken_file__says_so(client: Client, estate: Estate, content: bytes) -> None:
    answer = check(client, "estates_home", estate, SimpleUploadedFile("homes.xlsx", content))
    assert ".xlsx" in " ".join(answer.context["outcome"]["said"])
    assert ImportRun.objects.get().status == ImportRun.Status.WRONG


def test_import_homes__cell_with_an_error__is_named_and_nothing_is_written(
    client: Client, estate: Estate
) -> None:
    content = workbooks.xlsx(HOMES, ["1号楼", "1单元", "501", 5, 98.5], ["#N/A", "1单元", "502", 5, 98.5])
    answer = check(client, "estates_home", estate, SimpleUploadedFile("homes.xlsx", content))
    assert "第 3 行，A 列：#N/A" in answer.content.decode()
    assert not Home.objects.exists()


@pytest.mark.parametrize("build", [workbooks.xls, workbooks.ods])
def test_import_homes__other_kinds_of_workbook__are_read(client: Client, estate: Estate, build: Any) -> None:
    content = build(HOMES, ["1号楼", "1单元", "501", 5.0, 98.5])
    upload = SimpleUploadedFile("homes.xlsx", content)  # the ending says nothing
    confirm(client, "estates_home", check(client, "estates_home", estate, upload))
    assert (Home.objects.get().number, Home.objects.get().floor) == ("501", 5)


def test_import_homes__into_an_estate_of_others__is_refused(client: Client) -> None:
    other = make.make_estate()
    answer = check(client, "estates_home", other, sheet(HOMES, ["1号楼", "1单元", "501", 5, 98.5]))
    assert "estate" in answer.context["form"].errors


def test_import_homes__confirmed_for_another_estate__is_refused(client: Client, estate: Estate) -> None:
    checked = check(client, "estates_home", estate, sheet(HOMES, ["1号楼", "1单元", "501", 5, 98.5]))
    ImportRun.objects.update(estate=make.make_estate())
    assert client.get(checked.wsgi_request.path).status_code == 404
    assert client.post(checked.context["confirm_url"]).status_code == 404


def test_import_homes__by_the_dispatcher__is_refused(estate: Estate) -> None:
    client = Client()
    dispatcher = make.make_staff(role=StaffRole.Role.DISPATCHER, estate=estate)
    client.force_login(dispatcher, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:estates_home_import")).status_code == 403
    assert client.get(reverse("admin:estates_home_template")).status_code == 403


def test_import_homes__the_empty_sheet__can_be_filled_in_and_imported(client: Client, estate: Estate) -> None:
    book = load_workbook(BytesIO(client.get(reverse("admin:estates_home_template")).content))
    assert [cell.value for cell in book.active[1]] == HOMES
    book.active.append(["1号楼", "1单元", "101", 1, 60])
    packed = BytesIO()
    book.save(packed)
    upload = SimpleUploadedFile("homes.xlsx", packed.getvalue(), content_type=XLSX)
    confirm(client, "estates_home", check(client, "estates_home", estate, upload))
    assert Home.objects.get().number == "101"


@pytest.fixture
def home(estate: Estate) -> Home:
    building = make.make_building(estate=estate, name="1号楼")
    return make.make_home(entrance=make.make_entrance(building=building, name="1单元"), number="501")


def test_import_roster__good_sheet__lists_the_people_encrypted(
    client: Client, estate: Estate, home: Home
) -> None:
    upload = sheet(
        ROSTER,
        ["1号楼", "1单元", 501, "王秀英", 13900010001, "业主"],
        ["1号楼", "1单元", "501", "林晓彤", "139 0001 0004", "租户"],
    )
    confirm(client, "accounts_rosterentry", check(client, "accounts_rosterentry", estate, upload))
    entries = {entry.name: entry for entry in RosterEntry.objects.all()}
    assert entries["王秀英"].phone == "+8613900010001"
    assert entries["林晓彤"].kind == Residency.Kind.TENANT
    assert RosterEntry.objects.with_phone("+8613900010004").get().home == home


def test_import_roster__same_number_again__updates_the_name(
    client: Client, estate: Estate, home: Home
) -> None:
    make.make_roster_entry(home=home, name="王秀", phone="+8613900010001")
    upload = sheet(ROSTER, ["1号楼", "1单元", "501", "王秀英", "13900010001", ""])
    confirm(client, "accounts_rosterentry", check(client, "accounts_rosterentry", estate, upload))
    assert RosterEntry.objects.get().name == "王秀英"


def test_import_roster__wrong_rows__are_named_and_nothing_is_written(
    client: Client, estate: Estate, home: Home
) -> None:
    upload = sheet(
        ROSTER,
        ["1号楼", "1单元", "501", "王秀英", "13900010001", "业主"],
        ["1号楼", "1单元", "999", "李强", "13900010002", "业主"],
        ["1号楼", "1单元", "501", "陈建国", "12345", "业主"],
        ["1号楼", "1单元", "501", "何苗", "13900010005", "物业"],
        ["1号楼", "1单元", "501", "", "13900010006", "业主"],
        ["1号楼", "1单元", "501", "王秀英", "13900010001", "业主"],
    )
    answer = check(client, "accounts_rosterentry", estate, upload)
    assert sorted(complaints(answer)) == [3, 4, 5, 6, 7]
    assert not RosterEntry.objects.exists()


def test_import_roster__changed_meanwhile__writes_nothing(client: Client, estate: Estate, home: Home) -> None:
    """The sheet was good when it was checked; the home has gone before the yes."""
    upload = sheet(ROSTER, ["1号楼", "1单元", "501", "王秀英", "13900010001", "业主"])
    checked = check(client, "accounts_rosterentry", estate, upload)
    home.delete()
    confirm(client, "accounts_rosterentry", checked)
    assert not RosterEntry.objects.exists()
    assert not AuditRecord.objects.filter(action="import.accounts.rosterentry").exists()


def test_roster_import__who_signed_in_before__has_the_home_after_the_yes(client, estate):
    home = make.make_home(estate=estate, number="501")
    person = make.make_user()
    upload = sheet(
        ROSTER, [home.entrance.building.name, home.entrance.name, "501", "王秀英", person.phone_national, ""]
    )
    checked = check(client, "accounts_rosterentry", estate, upload)
    assert not Residency.objects.exists()
    confirm(client, "accounts_rosterentry", checked)
    assert Residency.objects.active().get(user=person).home == home


def test_roster__year_of_birth__is_optional_checked_and_not_forgotten(client, estate) -> None:
    home = make.make_home(estate=estate, number="501")
    where = [home.entrance.building.name, home.entrance.name, "501"]
    heading = [*ROSTER, "出生年份"]
    wrong = check(
        client,
        "accounts_rosterentry",
        estate,
        sheet(
            heading,
            [*where, "王秀英", "13900010001", "", "1948-03-02"],
            [*where, "李强", "13900010002", "", "1820"],
        ),
    )
    assert set(complaints(wrong)) == {2, 3}
    right = check(
        client,
        "accounts_rosterentry",
        estate,
        sheet(heading, [*where, "王秀英", "13900010001", "", 1948], [*where, "李强", "13900010002", "", ""]),
    )
    confirm(client, "accounts_rosterentry", right)
    born = RosterEntry.objects.values_list("name", "birth_year")
    assert dict(born) == {"王秀英": 1948, "李强": None}
    again = check(
        client, "accounts_rosterentry", estate, sheet(ROSTER, [*where, "王秀英兰", "13900010001", ""])
    )
    confirm(client, "accounts_rosterentry", again)
    assert dict(RosterEntry.objects.values_list("name", "birth_year")) == {"王秀英兰": 1948, "李强": None}
