"""What somebody sees who may not go where they went: plain words, the way home, and whom to call."""

import pytest
from django.test import Client

from tests import factories as make


def page_of(client: Client, address: str, status: int) -> str:
    response = client.get(address, headers={"accept-language": "zh-CN"})
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize("mode", ["standard", "large"])
@pytest.mark.parametrize("who", ["stranger", "resident"])
def test_not_found__says_so_leads_home_and_names_the_desk(
    who: str, mode: str, client: Client, db: None
) -> None:
    home = make.make_home()
    if who == "resident":
        client.force_login(make.make_resident(home=home))
    client.cookies["mode"] = mode
    page = page_of(client, "/nowhere/", 404)
    assert "没有这一页" in page
    assert 'href="/"' in page
    assert f"tel:{home.entrance.building.estate.desk_phone}" in page


def test_not_allowed__says_so_and_leads_home(client: Client, db: None) -> None:
    client.force_login(make.make_staff(role="crew"))
    page = page_of(client, "/staff/care/", 403)
    assert "您无权这样操作" in page
    assert 'href="/"' in page
