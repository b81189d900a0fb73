"""Statements that are written once give what their querysets give, for other values each time."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import Residency, User
from community.core import clock
from community.core.statements import LENGTHS, Statement, has_rows
from community.estates.models import Home
from services.fees.models import Bill
from tests.factories import make_bill, make_home, make_resident, make_user

pytestmark = pytest.mark.django_db


class Written:
    """Counts how often a statement is written."""

    def __init__(self) -> None:
        self.times = 0

    def homes(self, keys: Any) -> "QuerySet[Home]":
        self.times += 1
        return Home.objects.with_address().filter(pk__in=keys).order_by("pk")


def test_statement__asked_for_other_keys__is_written_once_and_gives_their_rows() -> None:
    written = Written()
    statement: Statement[Home] = Statement(written.homes)
    homes = [make_home() for _n in range(3)]
    for home in homes:
        with CaptureQueriesContext(connection) as asked:
            (found,) = statement([home.pk])
            assert (found, str(found), found.estate) == (home, str(home), home.estate)
        assert len(asked) == 1
    assert written.times == 1


@pytest.mark.parametrize("number", [0, 1, 5, LENGTHS[-1], LENGTHS[-1] + 1])
def test_statement__with_a_list_of_any_length__gives_each_row_once(number: int) -> None:
    homes = [make_home() for _n in range(min(number, 5))]
    keys = [home.pk for home in homes] + [-one for one in range(1, number - len(homes) + 1)]
    assert Statement(Written().homes)(keys) == homes


def test_statement__within_a_queryset__finds_out_anew_who_may_see_what() -> None:
    written = Written()
    statement: Statement[Home] = Statement(written.homes)
    mine, theirs = make_resident(), make_resident()
    lived_in = Home.objects.filter(residencies__status=Residency.Status.ACTIVE)
    for person in (mine, theirs, mine):
        assert [home.pk for home in statement(lived_in.filter(residencies__user=person))] == [
            person.residencies.get().home_id
        ]
    theirs.residencies.update(status=Residency.Status.ENDED)
    assert statement(lived_in.filter(residencies__user=theirs)) == []
    assert statement(Home.objects.none()) == []
    assert written.times == 1


def test_statement__with_texts_days_and_moments__compares_them_as_they_are() -> None:
    bill = make_bill()

    def write(reference: Any, due_on: Any, made_at: Any) -> "QuerySet[Bill]":
        return Bill.objects.filter(reference=reference, due_on__lte=due_on, created_at__lte=made_at)

    statement: Statement[Bill] = Statement(write)
    day, moment = timedelta(days=1), timedelta(microseconds=1)
    cases: list[tuple[str, date, datetime, list[Bill]]] = [
        (bill.reference, bill.due_on, bill.created_at, [bill]),
        (f"{bill.reference}%s", bill.due_on, bill.created_at, []),
        (bill.reference, bill.due_on - day, bill.created_at, []),
        (bill.reference, bill.due_on, bill.created_at - moment, []),
    ]
    for *values, expected in cases:
        assert statement(*values) == expected


def test_statement__of_values__and_whether_there_are_rows() -> None:
    person, other = make_resident(), make_user()

    def write(key: Any, lived_in: Any) -> "QuerySet[User, Any]":
        return User.objects.filter(pk=key).values_list("name", has_rows(lived_in))

    statement: Statement[Any] = Statement(write)
    for one, lives in ((person, True), (other, False)):
        mine = Residency.objects.filter(user=one)
        assert statement(one.pk, mine) == list(write(one.pk, mine)) == [(one.name, lives)]
    assert statement(person.pk, Residency.objects.none()) == [(person.name, False)]


def test_statement__whose_value_does_not_reach_it__is_refused() -> None:
    with pytest.raises(ValueError, match="does not reach"):
        Statement(lambda key: Home.objects.filter(pk=key + 1))(1)
    with pytest.raises(TypeError):
        Statement(lambda key: Home.objects.filter(pk=key))(None)


@pytest.mark.django_db(transaction=True)
def test_statement__written_by_another_thread__asks_by_the_connection_of_its_own() -> None:
    home, statement = make_home(), Statement(Written().homes)
    found: list[Any] = []

    def ask() -> None:
        found.extend(statement([home.pk]))
        connections.close_all()

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    assert [*found, *statement([home.pk])] == [home, home]
    assert found[0].residencies.filter(created_at__lte=clock.now()).count() == 0
