from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.notifications.models import InboxNotice


def put(
    person: User, number: int, *, url: str = "/repairs/", template: str = "repair_accepted"
) -> InboxNotice:
    return InboxNotice.objects.create(
        user=person,
        key=f"k{number}",
        template=template,
        params={"what": f"水龙头{number}", "reference": f"R{number}"},
        url=url,
        created_at=clock.now() + timedelta(seconds=number),
    )


@pytest.fixture
def signed_in(person: User, client: Client) -> Client:
    client.force_login(person)
    return client


def test_inbox__empty__says_what_will_be_here(signed_in: Client) -> None:
    assert "还没有消息" in signed_in.get(reverse("inbox")).content.decode()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_inbox__shows_newest_first_in_the_readers_language(
    signed_in: Client, person: User, mode: str
) -> None:
    put(person, 1)
    put(person, 2)
    page = signed_in.get(reverse("inbox") + f"?mode={mode}").content.decode()
    assert page.index("水龙头2") < page.index("水龙头1")
    assert "报修已受理" in page
    assert 'class="rowl unread"' in page
    assert ('class="ico ' in page) == (mode == "standard"), "the words need the whole width"
    assert "data-live=" in page
    signed_in.cookies["django_language"] = "en"
    assert "Repair accepted" in signed_in.get(reverse("inbox")).content.decode()


def test_inbox__a_tap__marks_read_and_leads_there(signed_in: Client, person: User) -> None:
    notice = put(person, 1, url="/repairs/7/")
    answer = signed_in.get(reverse("open_notice", args=[notice.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == "/repairs/7/"
    assert not InboxNotice.objects.visible_to(person).unread().exists()


def test_inbox__of_somebody_else__is_not_there(signed_in: Client) -> None:
    other = User.objects.create_user(name="别人", phone="+8613900000000")
    notice = put(other, 1)
    assert signed_in.get(reverse("open_notice", args=[notice.pk])).status_code == 404
    assert "水龙头1" not in signed_in.get(reverse("inbox")).content.decode()
    signed_in.post(reverse("inbox_read_all"))
    assert InboxNotice.objects.unread().count() == 1


def test_inbox__all_read__leaves_nothing_new(signed_in: Client, person: User) -> None:
    put(person, 1)
    put(person, 2)
    assert "2<span" in signed_in.get(reverse("inbox_count")).content.decode()
    signed_in.post(reverse("inbox_read_all"))
    assert signed_in.get(reverse("inbox_count")).content.decode().strip() == ""


def test_inbox__long__goes_on_by_key_and_costs_the_same(signed_in: Client, person: User) -> None:
    def page(url: str) -> tuple[int, list[str], str]:
        with CaptureQueriesContext(connection) as queries:
            answer = signed_in.get(url)
        shown = [notice.params["reference"] for notice in answer.context["notices"]]
        return len(queries), shown, answer.context["older_url"]

    for number in range(10):
        put(person, number)
    few, _shown, _older = page(reverse("inbox"))
    InboxNotice.objects.all().delete()
    InboxNotice.objects.bulk_create(
        InboxNotice(
            user=person,
            key=f"n{number}",
            template="repair_accepted",
            params={"what": "灯", "reference": f"R{number:04d}"},
            created_at=clock.now() + timedelta(seconds=number // 7),
        )
        for number in range(1000)
    )
    # The rows above are counted for open pages by the next request: the test never commits.
    page(reverse("inbox"))
    url, seen = reverse("inbox"), []
    for _page in range(3):
        cost, shown, url = page(url)
        seen += shown
        assert cost <= few
    assert seen == [f"R{number:04d}" for number in range(999, 939, -1)]


def test_inbox__for_a_stranger__asks_to_sign_in(client: Client, db: None) -> None:
    for name in ("inbox", "inbox_list", "inbox_count"):
        assert client.get(reverse(name))["Location"].startswith(reverse("sign_in"))
