"""What programs send that cannot be: the field is named, odd words are kept, nothing is written twice."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import ApiToken
from accounts.models.tokens import token_digest
from community.core import clock, limits
from community.core.limit_table import FEEDBACK_WORDS
from services.common.models import Satisfaction
from services.feedback import anonymous_limits
from services.feedback.models import Feedback, FeedbackMessage
from tests.services.feedback.scene import CODE, EMOJI, SCRIPT, TOO_LONG, Scene, counted
from tests.services.repairs.api import Api
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db

API_VERBS = {
    "messages": ("resident", "mine", {}),
    "not-solved": ("resident", "mine", {}),
    "solved": ("resident", "mine", {"face": 3}),
    "answer": ("clerk", "new", {}),
    "ask": ("clerk", "new", {}),
    "ask-solved": ("clerk", "new", {}),
    "notes": ("clerk", "new", {}),
    "hand-over": ("clerk", "new", {"department": "cashier"}),
}


@pytest.mark.parametrize(
    ("verb", "words"),
    [(verb, TOO_LONG) for verb in API_VERBS]
    + [(verb, "") for verb in API_VERBS if verb not in {"solved", "hand-over"}],
    ids=lambda value: "10,000 characters" if value == TOO_LONG else value or "empty",
)
def test_api__refused__names_the_field(verb: str, words: str, scene: Scene) -> None:
    who, whose, more = API_VERBS[verb]
    headers, before = api_headers(getattr(scene, who)), counted()
    address = f"/api/v1/feedback/{getattr(scene, whose).pk}/{verb}/"
    answer = Client().post(
        address, {"words": words, **more}, headers=headers, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"words"}
    assert counted() == before


BY_CODE = {"messages": {}, "not-solved": {}, "solved": {"face": 3}}


@pytest.mark.parametrize("verb", BY_CODE)
@pytest.mark.parametrize("words", [TOO_LONG, EMOJI], ids=["10,000 characters", "emoji"])
def test_api__by_code__too_much_is_refused_and_odd_is_kept(verb: str, words: str, scene: Scene) -> None:
    given = {"code": CODE, "words": words, **BY_CODE[verb]}
    answer = Client().post(f"/api/v1/feedback/by-code/{verb}/", given, content_type="application/json")
    if words == TOO_LONG:
        assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"words"})
        return
    assert answer.status_code == 200
    said = [one.words for one in scene.nameless.messages.all()]
    said += [one.words for one in Satisfaction.objects.all()]
    assert words in said


@pytest.mark.parametrize("verb", API_VERBS)
def test_api__emoji__are_kept_as_they_are(verb: str, scene: Scene) -> None:
    who, whose, more = API_VERBS[verb]
    row = getattr(scene, whose)
    answer = Client().post(
        f"/api/v1/feedback/{row.pk}/{verb}/",
        {"words": EMOJI, **more},
        headers=api_headers(getattr(scene, who)),
        content_type="application/json",
    )
    assert answer.status_code == 200
    said = [one.words for one in row.messages.all()] + [one.words for one in Satisfaction.objects.all()]
    assert any(EMOJI in words for words in said)


@pytest.mark.parametrize(("verb", "whose"), [("messages", "mine"), ("answer", "new"), ("notes", "new")])
def test_api__said_twice_by_one_key__is_said_once(verb: str, whose: str, scene: Scene) -> None:
    headers = api_headers(scene.resident if whose == "mine" else scene.clerk)
    address = f"/api/v1/feedback/{getattr(scene, whose).pk}/{verb}/"
    given = {"words": "灯还没修", "key": str(uuid4())}
    for _n in range(2):
        answer = Client().post(address, given, headers=headers, content_type="application/json")
        assert answer.status_code == 200
    assert FeedbackMessage.objects.count() == 1


def test_api__the_same_key_with_other_words__is_refused_at_the_words(scene: Scene) -> None:
    given = {"estate": scene.estate.pk, "kind": "complaint", "words": "楼道灯坏了", "key": str(uuid4())}
    headers = api_headers(scene.resident)

    def send(words: str) -> Any:
        return Client().post(
            "/api/v1/feedback/", given | {"words": words}, headers=headers, content_type="application/json"
        )

    assert [send("楼道灯坏了").status_code for _n in range(2)] == [201, 201]
    refused = send("电梯停了")
    assert (refused.status_code, refused.json()["errors"].keys()) == (409, {"words"})
    assert scene.sent().description == "楼道灯坏了"


def test_without_a_name__one_who_writes_too_much__does_not_shut_out_the_others(scene: Scene) -> None:
    given = {"estate": scene.estate.pk, "kind": "complaint", "words": "太吵了"}
    first = "203.0.113.1"
    another = next(
        address
        for address in (f"203.0.113.{n}" for n in range(2, 250))
        if anonymous_limits.group_of(address) != anonymous_limits.group_of(first)
    )

    def write(address: str) -> int:
        client = Client(REMOTE_ADDR=address)
        answer = client.post("/api/v1/feedback/without-name/", given, content_type="application/json")
        return answer.status_code

    assert {write(first) for _n in range(60)} == {201}
    assert write(first) == 429
    assert write(another) == 201
    assert anonymous_limits.group_of("2001:db8::1") == anonymous_limits.group_of("2001:db8::ffff:1")


def test_api__by_code__offers_only_verbs_that_have_an_address(scene: Scene) -> None:
    def post(what: str, **more: Any) -> Any:
        return Client().post(
            f"/api/v1/feedback/by-code/{what}", {"code": CODE, **more}, content_type="application/json"
        )

    new = Feedback.Status.NEW
    Feedback.objects.filter(pk=scene.nameless.pk).update(status=new)
    assert set(post("").json()["verbs"]) == {"add_words", "withdraw_feedback"}
    assert post("withdraw/").json()["status"] == "withdrawn"
    Feedback.objects.filter(pk=scene.nameless.pk).update(status=Feedback.Status.CLOSED)
    assert post("").json()["verbs"] == ["rate_feedback"]
    assert post("rate/", face=3).json()["verbs"] == []
    assert Satisfaction.objects.get().face == 3


def test_api__an_estate_beyond_all_numbers__is_refused_at_the_field(scene: Scene) -> None:
    headers = api_headers(scene.clerk)
    for name, value in (("estate", 10**30), ("estate", -1)):
        answer = Client().get("/api/v1/feedback/", {name: value}, headers=headers)
        assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"estate"})


@pytest.mark.parametrize("path", ["feedback", "feedback/without-name"])
def test_api__writing_badly__names_every_field(path: str, scene: Scene) -> None:
    headers, before = api_headers(scene.resident), counted()
    bad = {"estate": 999_999, "kind": "rage", "words": TOO_LONG, "about": "楼" * 61}
    answer = Client().post(f"/api/v1/{path}/", bad, headers=headers, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"estate", "kind", "words", "about"}
    assert counted() == before


@pytest.mark.parametrize("words", [SCRIPT, EMOJI], ids=["script", "emoji"])
def test_api__without_a_name__by_the_code_alone_and_no_token_is_looked_at(words: str, scene: Scene) -> None:
    given = {"estate": scene.estate.pk, "kind": "complaint", "words": words}
    headers = api_headers(scene.resident)
    used = ApiToken.objects.values().get()
    sent = Client().post(
        "/api/v1/feedback/without-name/", given, headers=headers, content_type="application/json"
    )
    assert sent.status_code == 201
    assert scene.sent().resident is None
    assert ApiToken.objects.values().get() == used
    code = {"code": sent.json()["code"]}
    thread = Client().post("/api/v1/feedback/by-code/", code, content_type="application/json")
    assert thread.json()["words"] == words
    assert thread.json()["resident"] is None
    wrong = Client().post("/api/v1/feedback/by-code/", {"code": "X"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"].keys()) == (409, {"code"})


def test_api__a_code_as_a_token__opens_nothing(scene: Scene) -> None:
    assert not ApiToken.objects.filter(digest=token_digest(CODE), expires_at__gt=clock.now()).exists()
    answer = Client().get("/api/v1/feedback/", headers={"Authorization": f"Bearer {CODE}"})
    assert answer.status_code == 401


def test_api__words_of_a_thread__have_the_limit_of_the_page(scene: Scene) -> None:
    for _n in range(FEEDBACK_WORDS.amount - 1):
        limits.hit(FEEDBACK_WORDS, scene.nameless.pk)

    def post(n: int) -> Any:
        given = {"code": CODE, "words": f"还是太吵 {n}"}
        return Client().post("/api/v1/feedback/by-code/messages/", given, content_type="application/json")

    assert post(1).status_code == 200
    refused = post(2)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused["Retry-After"]) > 0
    page = scene.client(None).post("/feedback/code/thread/add/", {"words": "还是太吵", "key": str(uuid4())})
    assert page.status_code == 429
    assert "还是太吵" in page.content.decode()
    # Another thread goes on.
    assert (
        Api(scene.resident).post(f"feedback/{scene.mine.pk}/messages/", words="还是太吵").status_code == 200
    )
