"""亲情代办: a delegate writes for a parent, marked as such, and reads what is theirs; nobody else does."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Delegation, User
from community.core import clock
from community.core.errors import Forbidden
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.feedback import actions
from services.feedback.actions.feedback import FeedbackContent
from services.feedback.models import Feedback
from tests import factories as make
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db

SERVICE = "feedback"


@pytest.fixture
def home() -> Home:
    return make.make_home()


@pytest.fixture
def mother(home: Home) -> User:
    return make.make_resident(home=home, name="王秀英")


@pytest.fixture
def son(mother: User) -> User:
    """In another city: no home here."""
    delegate = make.make_user(name="李强")
    make.make_delegation(resident=mother, delegate=delegate, service=SERVICE)
    return delegate


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def write_for(client: Client, resident: User) -> Any:
    begun = client.get("/feedback/new/", {"kind": "complaint", "for": resident.pk})
    if begun.status_code != 200:
        return begun
    data = {"sealed": begun.context["sealed"], "words": "楼道灯坏了三天", "for": resident.pk}
    asked = client.post("/feedback/new/", data)
    assert "不写名字" not in asked.content.decode()
    return client.post("/feedback/send/", data | {"sealed": asked.context["sealed"]}, follow=True)


def test_delegate__writes_for_the_mother__and_both_are_told(mother: User, son: User) -> None:
    client = signed_in(son)
    assert f"?for={mother.pk}" in client.get("/").content.decode()
    assert f"?for={mother.pk}" in client.get("/feedback/new/").content.decode()
    page = write_for(client, mother)
    feedback = Feedback.objects.get()
    assert (feedback.resident, feedback.reported_by) == (mother, son)
    assert feedback.history.get().on_behalf_of == mother
    assert "李强替王秀英" in page.content.decode()
    told = OutboxMessage.objects.filter(template="feedback_received")
    assert {one.recipient for one in told} == {mother, son}
    # The mother reads it on her own phone, and who wrote it; each sees it in the list.
    assert "李强替王秀英" in signed_in(mother).get(f"/feedback/{feedback.pk}/").content.decode()
    assert "王秀英" in client.get("/feedback/").content.decode()
    clerk = signed_in(make.make_staff(estate=feedback.estate))
    assert "李强替王秀英" in clerk.get(f"/staff/feedback/{feedback.pk}/").content.decode()


def test_delegate__goes_on_with_it_for_the_mother(mother: User, son: User, home: Home) -> None:
    clerk = make.make_staff(estate=home.estate)
    feedback = make.make_feedback(estate=home.estate, resident=mother)
    actions.ask_solved(feedback=feedback, by=clerk, words="修好了", now=clock.now())
    client = signed_in(son)
    client.post(f"/feedback/{feedback.pk}/not-solved/", {"words": "还是黑的"})
    said = feedback.messages.get(is_writers=True)
    assert (said.author, said.on_behalf_of) == (son, mother)
    feedback.refresh_from_db()
    actions.ask_solved(feedback=feedback, by=clerk, words="换了灯", now=clock.now())
    client.post(f"/feedback/{feedback.pk}/solved/", {"face": 3})
    feedback.refresh_from_db()
    assert feedback.satisfaction is not None
    assert feedback.satisfaction.given_by == son


def test_delegate__of_another_service_or_of_before__neither_writes_nor_reads(
    mother: User, son: User, home: Home
) -> None:
    feedback = make.make_feedback(estate=home.estate, resident=mother)
    payer = make.make_user(name="李芳")
    make.make_delegation(resident=mother, delegate=payer, service="fees")
    Delegation.objects.filter(delegate=son).update(ended_at=clock.now())
    written = FeedbackContent(home.estate, "complaint", "太吵了")
    for person in (payer, son, make.make_resident(home=make.make_home(estate=home.estate))):
        client = signed_in(person)
        assert write_for(client, mother).status_code == 404
        assert client.get(f"/feedback/{feedback.pk}/").status_code == 404
        with pytest.raises(Forbidden):
            actions.send_named(content=written, resident=mother, by=person, key=uuid4(), now=clock.now())
        given = {"estate": home.estate.pk, "kind": "praise", "words": "谢谢", "resident": mother.pk}
        answer = Client().post(
            "/api/v1/feedback/", given, headers=api_headers(person), content_type="application/json"
        )
        assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"resident"})
    assert Feedback.objects.count() == 1


def test_delegate__in_an_estate_where_the_mother_does_not_live__may_not(mother: User, son: User) -> None:
    written = FeedbackContent(make.make_estate(), "complaint", "太吵了")
    with pytest.raises(Forbidden):
        actions.send_named(content=written, resident=mother, by=son, key=uuid4(), now=clock.now())


def test_api__for_the_mother__is_marked(mother: User, son: User, home: Home) -> None:
    given = {"estate": home.estate.pk, "kind": "praise", "words": "谢谢", "resident": mother.pk}
    answer = Client().post(
        "/api/v1/feedback/", given, headers=api_headers(son), content_type="application/json"
    )
    assert answer.status_code == 201
    assert (answer.json()["resident"]["id"], answer.json()["reported_by"]["id"]) == (mother.pk, son.pk)


def test_what_was_written_without_a_name__is_of_no_household(mother: User, son: User, home: Home) -> None:
    nameless = make.make_feedback(estate=home.estate, code="7K4M-9XQ2-HJ3T-V8PW")
    for person in (mother, son):
        assert not Feedback.objects.visible_to(person).exists()
        assert signed_in(person).get(f"/feedback/{nameless.pk}/").status_code == 404


def test_without_a_home_here__only_without_a_name_is_offered(home: Home) -> None:
    client = signed_in(make.make_user(name="路过"))
    begun = client.get("/feedback/new/", {"kind": "question", "estate": home.estate.pk})
    asked = client.post("/feedback/new/", {"sealed": begun.context["sealed"], "words": "几号试暖？"})
    page = asked.content.decode()
    assert "/feedback/send/" not in page
    assert "/feedback/without-name/" in page
