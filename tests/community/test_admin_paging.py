"""Long lists of the back office: what is counted, said and paged through."""

import pytest
from django.db import connection
from django.test import Client

from community.core import admin_paging
from tests import factories as make


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(make.make_user(username="root", is_staff=True, is_superuser=True))
    return client


@pytest.mark.django_db
def test_list__longer_than_is_counted__says_so_and_pages_through_the_first(root, monkeypatch) -> None:
    estate = make.make_estate()
    for _n in range(5):
        make.make_home(estate=estate)
    monkeypatch.setattr(admin_paging, "COUNTED", 3)
    page = root.get("/admin/estates/home/").content.decode()
    assert "前 3 条" in page
    assert ("约 " if connection.vendor == "postgresql" else "超过 3 条") in page


@pytest.mark.django_db
def test_list__short__counts_every_row(root) -> None:
    make.make_home()
    page = root.get("/admin/estates/home/").content.decode()
    assert "条，其余的" not in page
