"""Figures of many estates, for the city's operator: no person, and no figure of a few."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Administration, Oversight, User
from accounts.policies import estates_overseen, scopes_for, start_page
from community.core import clock
from community.desk import city
from community.desk.measures import SATISFACTION, find_measure
from community.desk.models import DayFigure
from community.estates.models import Estate, PropertyCompany
from tests import factories as make
from tests.community.admin_pages import signed_in

pytestmark = pytest.mark.django_db


def month() -> date:
    return (clock.today(clock.now()) - timedelta(days=1)).replace(day=1)


def an_estate(company: PropertyCompany, *, homes: int = 5, good: int = 8, of: int = 10) -> Estate:
    """An estate with so many homes and answers of its residents in this month."""
    estate = make.make_estate(company=company)
    entrance = make.make_entrance(building=make.make_building(estate=estate))
    for number in range(homes):
        make.make_home(entrance=entrance, number=f"{number}01")
    figure = {"estate": estate, "measure": SATISFACTION, "dimension": "repairs"}
    DayFigure.objects.create(day=month(), numerator=good, denominator=of, **figure)
    # Of the month before.
    DayFigure.objects.create(day=month() - timedelta(days=1), numerator=1, denominator=99, **figure)
    return estate


@pytest.fixture
def operator() -> User:
    return make.make_administrator(Administration.CITY)


def rows_of(user: User) -> list[city.Row]:
    measure = find_measure(SATISFACTION)
    assert measure is not None
    return city.rows_of(estates_overseen(user), month(), [measure])


def shown(rows: list[city.Row]) -> list[tuple[int, int] | None]:
    return [(one.numerator, one.denominator) if one else None for row in rows for one in row.cells]


def test_city__of_one_company__sees_its_estates_only(operator: User) -> None:
    mine, other = make.make_company("甲物业"), make.make_company("乙物业")
    estate = an_estate(mine)
    an_estate(other)
    assert rows_of(operator) == []
    Oversight.objects.create(user=operator, company=mine)
    assert [row.name for row in rows_of(operator)] == [str(estate)]
    Oversight.objects.create(user=operator, company=None)
    assert len(rows_of(operator)) == 2
    assert not estates_overseen(make.make_administrator(Administration.SYSTEM)).exists()


def test_city__fewer_than_five_people_or_homes__are_hidden_and_cannot_be_subtracted(operator: User) -> None:
    company = make.make_company()
    Oversight.objects.create(user=operator, company=company)
    for figures in ({}, {"good": 3, "of": 4}, {"homes": 4}, {"good": 5, "of": 5}):
        an_estate(company, **figures)
    rows = rows_of(operator)
    assert sorted(shown(rows), key=str) == [(5, 5), (8, 10), None, None]
    assert shown([city.total_of(rows, rows[0].columns)]) == [(13, 15)]


def test_city__page__in_as_many_queries_for_many_estates(operator: User) -> None:
    company = make.make_company()
    Oversight.objects.create(user=operator, company=company)
    client, counts = signed_in(operator), []
    for more in (2, 4):
        for _n in range(more):
            an_estate(company)
        client.get(reverse("desk_city"))
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("desk_city"), {"month": month().isoformat()})
        counts.append(len(asked))
        assert page.status_code == 200
    assert counts[0] == counts[1]
    words = page.content.decode()
    assert words.count("80.0%") == 7
    assert client.get(reverse("desk_city"), {"month": "nonsense"}).status_code == 200


def test_city__operator__starts_there_and_has_no_api(operator: User) -> None:
    assert start_page(operator) == reverse("desk_city")
    assert scopes_for(operator) == []
    assert signed_in(operator).get("/admin/").status_code != 200
