"""The search of 我的事 in what the person wrote, which is stored encrypted."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.home import matters
from tests.factories import make_feedback, make_home, make_repair, make_resident

pytestmark = pytest.mark.django_db


def found(client: Client, words: str) -> str:
    return str(client.get(reverse("mine"), {"words": words}).content.decode())


def test_search__words_of_ones_own__are_found_and_those_of_neighbours_are_not() -> None:
    home = make_home()
    person, neighbour = make_resident(home=home), make_resident(home=make_home(estate=home.estate))
    repair = make_repair(home=home, resident=person, description="水龙头一直滴水，Kitchen 的")
    written = make_feedback(estate=home.estate, resident=person, description="楼道的灯不亮")
    other = make_repair(resident=neighbour, description="也在滴水")
    client = Client()
    client.force_login(person)
    for words, row in (("滴水", repair), ("龙头 kitchen", repair), ("楼道", written)):
        page = found(client, words)
        assert f'/{row.pk}/"' in page, words
        assert f"/{other.pk}/" not in page
    assert "没有找到" in found(client, "滴水 楼道")
    assert "没有找到" in found(client, "%_")


def test_search__in_many_rows__reads_a_bounded_number_with_as_many_queries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = make_home()
    person = make_resident(home=home)
    client = Client()
    client.force_login(person)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            found(client, "滴水")
        return len(asked)

    oldest = make_repair(home=home, resident=person, description="滴水")
    few = queries()
    for _more in range(6):
        make_repair(home=home, resident=person, description="滴水")
    assert queries() == few
    monkeypatch.setattr(matters, "READ_SEALED", 6)
    assert f"/repairs/{oldest.pk}/" not in found(client, "滴水")
