"""The list of arrears: ages, prepayment, people, Excel; notes of calls and hardship marks."""

import io
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import RosterEntry, StaffRole
from community.core import clock
from community.core.errors import ActionError
from community.core.models import AuditRecord
from services.fees.actions import ledger
from services.fees.arrears import queries
from services.fees.arrears.actions import homes as actions
from services.fees.models import ArrearsCall, Hardship
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_home,
    make_item,
    make_resident,
    make_staff,
)

pytestmark = pytest.mark.django_db
AGES = {"age_30": 1, "age_60": 31, "age_90": 90, "age_180": 180, "age_365": 365, "age_more": 366}


def today() -> date:
    return clock.today(clock.now())


def overdue(home, days: int, fen: int = 1_000, **more):
    """Creates a bill whose last day to pay was so many days ago."""
    subject = more.pop("subject", f"{days}")
    due_on = today() - timedelta(days=days)
    return make_bill(home=home, amount_fen=fen, due_on=due_on, subject=subject, **more)


def prepay(home, fen: int, person=None) -> None:
    account = ledger.prepayment(home, home.estate.pk, person.pk if person else None)
    account.held_fen = fen
    account.save()


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of_one(home):
    return queries.homes_in_arrears(home.estate, today()).get(pk=home.pk)


def test_arrears__each_age__is_in_its_column() -> None:
    home = make_home()
    item = make_item(estate=home.estate)
    for number, (_name, days) in enumerate(AGES.items(), start=1):
        overdue(home, days, fen=number * 100, item=item)
    overdue(home, 0, item=item)
    found = of_one(home)
    assert [getattr(found, name) for name in AGES] == [100, 200, 300, 400, 500, 600]
    assert (found.late_fen, found.late_bills, found.late_since) == (2_100, 6, today() - timedelta(days=366))


def test_arrears__prepayment__covers_only_bills_of_its_owner() -> None:
    """The household owes 10 yuan and holds 30, the elder owes 20 yuan and holds 5: 15 are left."""
    home = make_home()
    elder = make_resident(home=home)
    overdue(home, 40, fen=1_000)
    overdue(home, 40, fen=2_000, charged_to=elder, subject="care:1")
    prepay(home, 3_000)
    prepay(home, 500, elder)
    found = of_one(home)
    assert (found.late_fen, found.prepaid_fen, found.net_fen) == (3_000, 1_500, 1_500)


def some_homes(estate_home, count: int) -> None:
    entrance = make_entrance(building=make_building(estate=estate_home.estate))
    item = make_item(estate=estate_home.estate)
    for number in range(count):
        home = make_home(entrance=entrance, number=f"{number + 1:03d}")
        overdue(home, 10 + 40 * (number % 10), fen=1_234 + number, item=item)
        make_resident(home=home, name=f"住户{number}")
        if number % 3 == 0:
            prepay(home, 1_000)


def test_excel__columns__add_up_to_the_page() -> None:
    home = make_home()
    some_homes(home, 6)
    cashier = logged_in(make_cashier(estate=home.estate))
    total = cashier.get(reverse("fees_arrears")).context["total"]
    sheet = load_workbook(io.BytesIO(cashier.get(reverse("fees_arrears_sheet")).content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == total["homes"] == 6
    sums = [sum(Decimal(str(row[column])) for row in rows) for column in range(4, 14)]
    names = ("late_bills", *queries.NAMES, "late_fen", "prepaid_fen", "net_fen")
    expected = [Decimal(total[name]) / (1 if name == "late_bills" else 100) for name in names]
    assert sums == expected
    assert total["net_fen"] == total["late_fen"] - total["prepaid_fen"] > 0


def test_list__more_homes__asks_no_more_queries() -> None:
    few, many = make_home(), make_home()
    some_homes(few, 2)
    some_homes(many, 12)
    counts = []
    for home in (few, many):
        cashier = logged_in(make_cashier(estate=home.estate))
        cashier.get(reverse("fees_arrears"))
        with CaptureQueriesContext(connection) as asked:
            cashier.get(reverse("fees_arrears"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_list__person_of_the_roster_alone__is_named_masked_and_the_reading_recorded() -> None:
    home = make_home()
    overdue(home, 40)
    RosterEntry.objects.create(home=home, name="王秀英", phone="+8613812345678", kind="owner")
    cashier = logged_in(make_cashier(estate=home.estate))
    page = cashier.get(reverse("fees_arrears")).content.decode()
    assert "王秀英" in page
    assert "13812345678" not in page
    assert AuditRecord.objects.filter(action="number_read").count() == 1
    assert "13812345678" in cashier.get(reverse("fees_arrears_home", args=[home.pk])).content.decode()
    assert AuditRecord.objects.filter(action="number_read", target=f"estates.home:{home.pk}").count() == 1


def test_list__filters__narrow_rows_and_totals() -> None:
    home = make_home()
    item = make_item(estate=home.estate)
    overdue(home, 40, item=item)
    other = make_home(entrance=make_entrance(building=make_building(estate=home.estate)))
    overdue(other, 200, fen=5_000, item=item)
    cashier = logged_in(make_cashier(estate=home.estate))
    for query, fen in (
        ("", 6_000),
        ("?age=90", 5_000),
        (f"?building={home.entrance.building_id}", 1_000),
        (f"?building={home.entrance.building_id}&age=90", 0),
    ):
        assert cashier.get(reverse("fees_arrears") + query).context["total"]["late_fen"] == fen


# -- Calls and marks


def test_note_call__page_sent_twice__is_noted_once() -> None:
    home = make_home()
    overdue(home, 40)
    desk = logged_in(make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate))
    address, promised = reverse("fees_arrears_home", args=[home.pk]), today() + timedelta(days=3)
    typed = {"words": "儿子月底回来缴", "promised_on": promised.isoformat(), "key": str(uuid4())}
    for _n in range(2):
        assert desk.post(address, typed).status_code == 302
    [note] = ArrearsCall.objects.all()
    assert (note.words, note.promised_on, note.home) == ("儿子月底回来缴", promised, home)
    late = desk.post(address, typed | {"key": str(uuid4()), "promised_on": "2020-01-01"})
    assert late.status_code == 422
    assert late.context["form"].errors.keys() == {"promised_on"}


def test_hardship__reason__is_read_by_few_and_recorded() -> None:
    home = make_home()
    overdue(home, 40)
    cashier = make_cashier(estate=home.estate)
    address = reverse("fees_hardship", args=[home.pk])
    assert logged_in(cashier).post(address, {"reason": "重病住院"}).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM fees_hardship")
        assert "重病" not in cursor.fetchone()[0]
    desk = logged_in(make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate))
    assert desk.get(address).status_code == 403
    assert "重病" not in desk.get(reverse("fees_arrears_home", args=[home.pk])).content.decode()
    assert "重病住院" in logged_in(cashier).get(address).content.decode()
    assert AuditRecord.objects.filter(action="fees.hardship_read").count() == 1


def test_hardship__mark_has_run_out__a_new_one_can_be_set() -> None:
    home, cashier = make_home(), make_cashier()
    cashier = make_cashier(estate=home.estate)
    now = clock.now()
    actions.mark_hardship(home=home, reason="低保", until_on=today(), by=cashier, now=now)
    with pytest.raises(ActionError) as refused:
        actions.mark_hardship(home=home, reason="低保", until_on=None, by=cashier, now=now)
    assert refused.value.code == "marked_already"
    later = now + timedelta(days=1)
    assert not Hardship.objects.at(clock.today(later)).exists()
    actions.mark_hardship(home=home, reason="低保", until_on=None, by=cashier, now=later)
    assert Hardship.objects.at(clock.today(later)).count() == 1
