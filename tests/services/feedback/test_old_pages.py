"""Pages that lay open too long: nothing of what was written on them is lost, and nothing is sent twice."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from community.core import clock
from services.common import early_files
from services.common.models import EarlyFile, Satisfaction
from services.feedback import actions
from services.feedback.models import Feedback, FeedbackPicture
from tests import factories as make
from tests.services.feedback.test_pictures import CODE, encoded, named, signed_in, two_coloured

pytestmark = pytest.mark.django_db
WAYS = ["/feedback/send/", "/feedback/without-name/"]


@pytest.fixture
def client() -> Client:
    return signed_in(make.make_resident(home=make.make_home()))


def asked_for_a_name(client: Client) -> dict[str, str]:
    """As far as the question for a name, with one picture: what the next page sends."""
    begun = client.get("/feedback/new/", {"kind": "complaint"}).context["sealed"]
    picture = named(encoded("JPEG", two_coloured(400, 300)), "a.jpg")
    data = {"sealed": begun, "words": "水是黄的"}
    page = client.post("/feedback/new/", {**data, "pictures": [picture]})
    return {**data, "sealed": page.context["sealed"]}


@pytest.mark.parametrize("way", WAYS)
def test_send__of_the_day_before__comes_back_with_the_words_and_is_sent_once(
    client: Client, way: str
) -> None:
    data = asked_for_a_name(client)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=5)):
        for _tap in range(2):
            page = client.post(way, data)
            assert page.status_code == 422
            assert "请重新添加图片" in page.content.decode()
            assert page.context["form"].data["words"] == "水是黄的"
    assert not Feedback.objects.exists()
    again = {**data, "sealed": page.context["sealed"]}
    for _tap in range(2):
        assert client.post(way, again).status_code in (200, 302)
    assert Feedback.objects.get().description == "水是黄的"


@pytest.mark.parametrize("way", WAYS)
def test_send__of_the_day_before_without_pictures__is_looked_at_first(client: Client, way: str) -> None:
    sealed = client.get("/feedback/new/", {"kind": "praise"}).context["sealed"]
    data = {"sealed": sealed, "words": "谢谢电工"}
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=5)):
        page = client.post(way, data)
        assert page.status_code == 422
        assert "图片" not in str(page.context["form"].errors)
        assert "请看一遍再继续" in page.content.decode()
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("step", ["edit", ""])
def test_change__on_a_page_of_the_day_before__says_that_the_pictures_are_gone(
    client: Client, step: str
) -> None:
    data = asked_for_a_name(client) | {"step": step}
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=5)):
        page = client.post("/feedback/new/", data)
        assert page.status_code == 422
        assert "请重新添加图片" in page.content.decode()
        assert "水是黄的" in page.content.decode()
        again = {**data, "sealed": page.context["sealed"]}
        assert client.post("/feedback/new/", again).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_send__its_pictures_were_thrown_away__says_so_and_sends_nothing(client: Client, way: str) -> None:
    data = asked_for_a_name(client)
    early_files.delete_old(now=clock.now() + timedelta(days=3))
    page = client.post(way, data)
    assert page.status_code == 422
    assert "请重新添加图片" in page.content.decode()
    assert page.context["draft"].pictures == ()
    assert not Feedback.objects.exists()


def test_loose_pictures__a_page_that_can_still_be_sent__keeps_them(client: Client) -> None:
    data = asked_for_a_name(client)
    early_files.delete_old(now=clock.now() + timedelta(days=1))
    assert client.post(WAYS[0], data).status_code == 302
    assert FeedbackPicture.objects.count() == 1
    assert not EarlyFile.objects.exists()


def test_rating__without_a_name__after_the_clock_has_closed_it__is_kept() -> None:
    feedback = make.make_feedback(estate=make.make_estate(), code=CODE)
    clerk = make.make_staff(estate=feedback.estate)
    now = clock.now()
    actions.ask_solved(feedback=feedback, by=clerk, words="换了水管", now=now)
    opened = Feedback.objects.get(pk=feedback.pk)
    actions.close_unanswered(feedback=feedback, now=now + timedelta(days=7))
    for _tap in range(2):
        actions.confirm_solved(feedback=opened, by=None, face=1, words="还在漏", now=now + timedelta(days=7))
    given = Satisfaction.objects.get(reference=feedback.reference)
    assert (given.face, given.words) == (1, "还在漏")
