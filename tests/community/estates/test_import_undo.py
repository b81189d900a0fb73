"""An import taken back whole while nothing hangs on it, or refused with what does."""

import json
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import actions as people
from accounts.models import Residency, RosterEntry, StaffRole, User
from community.core import audit_words, clock
from community.core.models import AuditRecord
from community.estates import actions
from community.estates.actions import continue_import, sweep_imports
from community.estates.models import Building, Entrance, Estate, Home, ImportRun
from tests import factories as make
from tests.community.estates.importing import HOMES, ROSTER, check, confirm, sheet, undo
from tests.community.estates.test_imports import client, estate, home, manager

__all__ = ["client", "estate", "home", "manager"]
PEOPLE = "accounts_rosterentry"
PHONE = "+8613812345678"


def imported(client: Client, estate: Estate, *rows: list[Any], model: str = "estates_home") -> Any:
    headings = HOMES if model == "estates_home" else ROSTER
    return confirm(client, model, check(client, model, estate, sheet(headings, *rows)))


def reasons(page: Any) -> str:
    assert page.context["run"].status == ImportRun.Status.DONE
    return " ".join(page.context["outcome"]["reasons"])


def test_undo__homes_that_were_made__are_gone_with_their_buildings(client: Client, estate: Estate) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "101", 1, 80], ["1号楼", "2单元", "101", 1, 80])
    page = undo(client, done)
    assert page.context["run"].status == ImportRun.Status.UNDONE
    assert "已撤销" in page.content.decode()
    assert [model.objects.count() for model in (Home, Entrance, Building)] == [0, 0, 0]
    record = AuditRecord.objects.get(action="import_undone.estates.home")
    assert (record.detail, record.estate_id_number) == ({"deleted": 5, "restored": 0}, estate.pk)
    undo(client, done)
    assert AuditRecord.objects.filter(action="import_undone.estates.home").count() == 1


def test_undo__homes_that_were_changed__are_as_before(client: Client, estate: Estate, home: Home) -> None:
    before = (home.floor, home.area_dm2)
    done = imported(client, estate, ["1号楼", "1单元", "501", 9, 12.34])
    home.refresh_from_db()
    assert (home.floor, home.area_dm2) == (9, 1234)
    undo(client, done)
    home.refresh_from_db()
    assert (home.floor, home.area_dm2) == before


def test_undo__home_changed_since__is_refused_and_nothing_is_undone(
    client: Client, estate: Estate, home: Home
) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "501", 9, 12.34], ["1号楼", "1单元", "502", 5, 80])
    Home.objects.filter(pk=home.pk).update(area_dm2=7000)
    assert "1 行之后又改过" in reasons(undo(client, done))
    assert Home.objects.count() == 2


def test_undo__bill_and_people_of_a_home__are_named_and_nothing_is_undone(
    client: Client, estate: Estate
) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "101", 1, 80], ["1号楼", "1单元", "102", 1, 80])
    home = Home.objects.get(number="101")
    make.make_roster_entry(home=home)
    make.make_bill(home=home)
    page = undo(client, done)
    assert "名册 1 条" in reasons(page)
    assert "账单 1 条" in reasons(page)
    assert page.context["undo_url"] in page.content.decode()
    assert Home.objects.count() == 2
    assert RosterEntry.objects.count() == 1


def test_undo__bill_since_by_the_new_area__is_named(client: Client, estate: Estate, home: Home) -> None:
    make.make_bill(home=home, created_at=clock.now() - timedelta(hours=1))
    done = imported(client, estate, ["1号楼", "1单元", "501", 9, 12.34])
    make.make_bill(home=home)
    assert reasons(undo(client, done)) == "账单 1 条"


def test_undo__roster__restores_names_and_takes_out_who_was_new(
    client: Client, estate: Estate, home: Home
) -> None:
    kept = make.make_roster_entry(home=home, name="王秀", phone=PHONE, birth_year=1948)
    rows = [
        ["1号楼", "1单元", "501", "王秀英", "13812345678", "租户"],
        ["1号楼", "1单元", "501", "李强", "", ""],
    ]
    done = imported(client, estate, *rows, model=PEOPLE)
    assert RosterEntry.objects.count() == 2
    undo(client, done)
    entry = RosterEntry.objects.get()
    assert (entry.pk, entry.name, entry.kind, entry.phone) == (kept.pk, "王秀", "owner", PHONE)


def test_undo__somebody_has_signed_in_by_the_roster__is_refused(
    client: Client, estate: Estate, home: Home
) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "501", "王秀英", "13812345678", ""], model=PEOPLE)
    people.claim_roster_homes(user=make.make_user(phone=PHONE), now=clock.now())
    assert "1 位住户已凭名册登录" in reasons(undo(client, done))
    assert Residency.objects.active().exists()
    assert RosterEntry.objects.exists()


def test_undo__number_that_was_changed__is_refused_since_people_were_told(
    client: Client, estate: Estate, home: Home
) -> None:
    make.make_roster_entry(home=home, name="王秀英", phone="+8613900010001")
    done = imported(client, estate, ["1号楼", "1单元", "501", "王秀英", "13812345678", ""], model=PEOPLE)
    assert "1 个改过的号码" in reasons(undo(client, done))
    assert RosterEntry.objects.get().phone == PHONE


def test_undo__values_before__are_sealed_and_go_after_90_days(
    client: Client, estate: Estate, home: Home
) -> None:
    make.make_roster_entry(home=home, name="王秀", phone=PHONE)
    done = imported(client, estate, ["1号楼", "1单元", "501", "王秀英", "13812345678", ""], model=PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT journal FROM estates_importrun")
        assert "王秀" not in json.dumps(cursor.fetchone(), ensure_ascii=False)
    sweep_imports(now=clock.now() + timedelta(days=2))
    assert ImportRun.objects.get().can_be_undone
    sweep_imports(now=clock.now() + timedelta(days=91))
    assert client.post(done.context["undo_url"], follow=True).context["run"].status == ImportRun.Status.DONE
    assert not ImportRun.objects.get().can_be_undone
    sweep_imports(now=clock.now() + timedelta(days=366))
    assert not ImportRun.objects.exists()


def test_undo__cut_off_again_and_again__leaves_the_import_as_it_is(client: Client, estate: Estate) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "101", 1, 80])
    client.post(done.context["undo_url"])
    ImportRun.objects.update(attempts=3, progressed_at=clock.now())
    sweep_imports(now=clock.now() + timedelta(minutes=6))
    run = ImportRun.objects.get()
    assert (run.status, run.can_be_undone, Home.objects.count()) == (ImportRun.Status.DONE, True, 1)


def test_list__of_earlier_imports__is_the_offices_and_a_colleague_may_undo(
    client: Client, estate: Estate, manager: User
) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "101", 1, 80])
    imported(client, estate, ["1号楼", "1单元", "102", 1, 80])
    assert ImportRun.objects.count() == 2
    colleague = Client()
    other = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    colleague.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    page = colleague.get(reverse("admin:estates_home_import")).content.decode()
    assert done.wsgi_request.path in page
    assert "homes.xlsx" in page
    assert "1 条" in reasons(undo(colleague, done))
    elsewhere = Client()
    elsewhere.force_login(
        make.make_staff(role=StaffRole.Role.MANAGER), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert elsewhere.post(done.context["undo_url"]).status_code == 404


def test_check__of_many_rows__holds_no_write_lock(client: Client, estate: Estate, monkeypatch: Any) -> None:
    """Not one statement that writes, and no transaction, while the rows are gone through."""
    seen: list[tuple[bool, str]] = []
    real = actions._planned

    def planned(*args: Any) -> Any:
        def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
            seen.append((sql.lstrip().startswith("SELECT"), sql))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            return real(*args)

    monkeypatch.setattr(actions, "_planned", planned)
    check(client, "estates_home", estate, sheet(HOMES, ["1号楼", "1单元", "101", 1, 80]))
    assert all(is_select for is_select, _sql in seen)
    assert not Building.objects.exists()


def test_undo__task_delivered_twice__works_once(client: Client, estate: Estate) -> None:
    done = imported(client, estate, ["1号楼", "1单元", "101", 1, 80])
    client.post(done.context["undo_url"])
    run = ImportRun.objects.get()
    ImportRun.objects.update(attempts=1, progressed_at=clock.now())
    continue_import(run=run, now=clock.now())
    assert ImportRun.objects.get().status == ImportRun.Status.UNDOING
    assert Home.objects.exists()


def test_record__of_an_import_and_its_undoing__is_said_in_words() -> None:
    with translation.override("zh-hans"):
        assert audit_words.act("import.estates.home").startswith("导入")
        assert audit_words.act("import_undone.accounts.rosterentry") == "撤销导入名册"
        assert audit_words.detail({"deleted": 5, "restored": 0}) == "删除行：5；恢复行：0"
