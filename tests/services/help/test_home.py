"""Calls for help on the home page."""

from uuid import uuid4

import pytest

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.help import actions
from services.help.models import HelpCall
from tests.factories import make_delegation, make_help_call, make_home, make_resident, make_user
from tests.services.help.test_pages import client_of, html_of, queries_of

pytestmark = pytest.mark.django_db


def test_home__call_open__resident_page_leads_to_it(elder: User) -> None:
    call = actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=clock.now())
    answer = client_of(elder, "large").get("/help/", follow=True)
    assert answer.request["PATH_INFO"] == f"/help/{call.pk}/"


def test_home__call_of_ones_mother__stands_first_and_leads_there(elder: User, home: Home) -> None:
    daughter = make_user()
    make_delegation(resident=elder, delegate=daughter)
    call = make_help_call(resident=elder, home=home)
    for person in (elder, daughter):
        for mode in ("standard", "large"):
            html = html_of(client_of(person, mode), "/home/live/")
            assert "求助，等待应答" in html
            assert f"/help/{call.pk}/" in html
    html = html_of(client_of(daughter), "/home/live/")
    assert html.index("王秀英：求助，等待应答") < html.index("/repairs/new/")
    # Her card, further down, has the call as well.
    assert "求助，等待应答" in html[html.index(f'id="for-{elder.pk}"') :]
    HelpCall.objects.update(status="cancelled")
    assert "求助，" not in html_of(client_of(elder), "/home/live/")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__with_calls_and_a_family__within_twelve_queries(mode: str, elder: User, home: Home) -> None:
    make_help_call(resident=elder, home=home)
    for _n in range(4):
        parent = make_resident(home=make_home(estate=home.estate))
        make_delegation(resident=parent, delegate=elder)
        make_help_call(resident=parent, home=parent.residencies.get().home)
    assert queries_of(client_of(elder, mode), "/") <= 12
