"""An import undone at the moment at which something comes to hang on it: one of the two gives way."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from accounts import actions as people
from accounts.models import Residency, RosterEntry, StaffRole
from community.core import background, clock
from community.estates import actions
from community.estates.models import Estate, Home, ImportRun
from services.fees.models import Bill
from tests import factories as make
from tests.community.estates.importing import HOMES, ROSTER
from tests.support import workbooks
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
Status = ImportRun.Status


@pytest.fixture(autouse=True)
def not_queued(monkeypatch):
    """The steps are taken here, at the moment that is meant."""
    monkeypatch.setattr(background, "queue", lambda task, calls: True)


def imported(estate: Estate, kind: str, *rows: list) -> ImportRun:
    """Written, and asked to be undone."""
    by = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    upload = actions.Upload(workbooks.xlsx(HOMES if kind == "estates.home" else ROSTER, *rows))
    run = actions.start_import(estate=estate, kind=kind, upload=upload, by=by, address=None, now=clock.now())
    undone(run)()
    actions.confirm_import(run=run, answers={}, by=by, now=clock.now())
    undone(run)()
    actions.undo_import(run=run, by=by, address=None, now=clock.now())
    return ImportRun.objects.get(pk=run.pk)


def in_time(act: Callable[[], object], said: list[str]) -> Callable[[], None]:
    """The database may refuse it: then the other was first."""

    def run() -> None:
        try:
            act()
            said.append("ok")
        except IntegrityError:
            said.append("refused")

    return run


def undone(run: ImportRun):
    return lambda: actions.continue_import(run=run, now=clock.now())


def test_undo__row_that_came_after_the_look__is_refused_by_the_database(monkeypatch):
    """Without the check of foreign keys the bill would point to a home that is gone."""
    estate = make.make_estate()
    run = imported(estate, "estates.home", ["1号楼", "1单元", "101", 1, 80])
    make.make_bill(home=Home.objects.get())
    monkeypatch.setattr(actions, "blocking_references", lambda journal: [])
    undone(run)()
    run.refresh_from_db()
    assert (run.status, Home.objects.count(), Bill.objects.count()) == (Status.DONE, 1, 1)
    assert run.can_be_undone


def test_undo__while_a_line_of_the_roster_is_written__leaves_no_line_without_a_home():
    estate = make.make_estate()
    for number in range(6):
        run = imported(estate, "estates.home", [f"{number}号楼", "1单元", "101", 1, 80])
        home = Home.objects.get(entrance__building__name=f"{number}号楼")
        said: list[str] = []
        written = in_time(lambda home=home: RosterEntry.objects.create(home=home, name="王秀英"), said)
        at_once(undone(run), written)
        run.refresh_from_db()
        is_written = RosterEntry.objects.filter(home_id=home.pk).exists()
        assert (run.status == Status.UNDONE) != is_written
        assert is_written == (said == ["ok"])
        assert Home.objects.filter(pk=home.pk).exists() == is_written


def test_undo__while_somebody_signs_in_by_the_roster__one_of_the_two_is_done():
    estate = make.make_estate()
    building = make.make_building(estate=estate, name="1号楼")
    make.make_home(entrance=make.make_entrance(building=building, name="1单元"), number="101")
    for number in range(6):
        phone = f"1381234560{number}"
        run = imported(estate, "accounts.rosterentry", ["1号楼", "1单元", "101", f"王{number}", phone, ""])
        person = make.make_user(phone=f"+86{phone}")
        outcomes = at_once(
            undone(run),
            lambda person=person: people.claim_roster_homes(user=person, now=clock.now()),
        )
        run.refresh_from_db()
        assert outcomes == ["ok", "ok"]
        has_home = Residency.objects.filter(user=person).exists()
        assert (run.status == Status.UNDONE) != has_home
        assert RosterEntry.objects.with_phone(person.phone).exists() == has_home
        # The next sheet is another owner's otherwise.
        RosterEntry.objects.all().delete()
        Residency.objects.all().delete()


def test_write__while_the_same_home_is_entered_by_hand__names_no_home_twice():
    estate = make.make_estate()
    building = make.make_building(estate=estate, name="1号楼")
    entrance = make.make_entrance(building=building, name="1单元")
    by = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    for number in range(101, 106):
        upload = actions.Upload(workbooks.xlsx(HOMES, ["1号楼", "1单元", number, 1, 80]))
        run = actions.start_import(
            estate=estate, kind="estates.home", upload=upload, by=by, address=None, now=clock.now()
        )
        actions.continue_import(run=run, now=clock.now())
        actions.confirm_import(run=run, answers={}, by=by, now=clock.now())
        fresh = ImportRun.objects.get(pk=run.pk)
        home = Home(entrance=entrance, number=str(number), floor=1, area_dm2=8000)
        at_once(undone(fresh), in_time(home.save, []))
        fresh.refresh_from_db()
        assert fresh.status in {Status.DONE, Status.WRONG}
        assert Home.objects.filter(number=str(number)).count() == 1
