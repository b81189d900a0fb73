"""What people paste, guess and send twice: the field is named, in plain words, nothing is lost or half-written."""

import io
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from community.core import clock
from community.core.limit_table import FEEDBACK_CODE
from services.common.models import EarlyFile, RequestRef, Satisfaction
from services.common.satisfaction import ask_satisfaction
from services.feedback.draft_token import DraftToken
from services.feedback.models import Feedback, FeedbackMessage
from services.repairs.models import Repair
from tests import factories as make
from tests.services.feedback.scene import CODE, EMOJI, SCRIPT, TOO_LONG, Scene, counted
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db

ADDED = {"": "请写", TOO_LONG: "请不要超过"}
# Every form: who fills it in, where it stands, its field of words, and what else it needs.
FORMS = {
    "reply": ("resident", "/feedback/{mine}/add/", "words", {}),
    "not solved": ("resident", "/feedback/{mine}/not-solved/", "words", {}),
    "solved": ("resident", "/feedback/{mine}/solved/", "words", {"face": "3"}),
    "reply by code": ("nobody", "/feedback/code/thread/add/", "words", {}),
    "not solved by code": ("nobody", "/feedback/code/thread/not-solved/", "words", {}),
    "solved by code": ("nobody", "/feedback/code/thread/solved/", "words", {"face": "3"}),
    "answer": ("clerk", "/staff/feedback/{new}/do/answer/", "words", {"then": "solved"}),
    "note": ("clerk", "/staff/feedback/{new}/do/note/", "words", {}),
    "hand over": ("clerk", "/staff/feedback/{new}/do/hand-over/", "words", {"department": "cashier"}),
    "solved on the phone": ("clerk", "/staff/feedback/{mine}/do/solved/", "words", {"face": "3"}),
    "not solved on the phone": ("clerk", "/staff/feedback/{mine}/do/not-solved/", "words", {}),
}
MAY_BE_EMPTY = {"solved", "solved by code", "hand over", "solved on the phone"}


def _post(scene: Scene, form: str, words: str) -> Any:
    who, address, field, more = FORMS[form]
    user = {"resident": scene.resident, "clerk": scene.clerk, "nobody": None}[who]
    client = scene.client(user)
    address = address.format(mine=scene.mine.pk, new=scene.new.pk)
    return client.post(address, {field: words, **more})


@pytest.mark.parametrize(
    ("form", "words"),
    [(form, TOO_LONG) for form in FORMS] + [(form, "") for form in FORMS if form not in MAY_BE_EMPTY],
    ids=lambda value: "10,000 characters" if value == TOO_LONG else value or "empty",
)
def test_form__refused__names_the_field_and_keeps_the_words(form: str, words: str, scene: Scene) -> None:
    before = counted()
    answer = _post(scene, form, words)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert ADDED[words] in page
    assert words in page
    assert counted() == before


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", [SCRIPT, EMOJI], ids=["script", "emoji"])
def test_form__odd_but_allowed__is_shown_as_it_was_written(form: str, words: str, scene: Scene) -> None:
    answer = _post(scene, form, words)
    assert answer.status_code == 302
    staff = scene.client(scene.clerk)
    for feedback in (scene.mine, scene.nameless, scene.new):
        page = staff.get(f"/staff/feedback/{feedback.pk}/").content.decode()
        assert SCRIPT not in page
    everything = [staff.get(f"/staff/feedback/{one.pk}/") for one in (scene.mine, scene.nameless, scene.new)]
    assert any(escape(words) in page.content.decode() for page in everything)


@pytest.mark.parametrize(
    ("words", "about", "field"),
    [("", "", "words"), (TOO_LONG, "", "words"), ("太吵了", "楼" * 61, "about")],
    ids=["empty", "10,000 characters", "about too long"],
)
def test_writing__refused__loses_nothing(words: str, about: str, field: str, scene: Scene) -> None:
    client, before = scene.client(scene.resident), counted()
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": begun.context["sealed"], "words": words, "about": about}
    for address in ("/feedback/new/", "/feedback/send/", "/feedback/without-name/"):
        answer = client.post(address, data)
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {field}
        page = answer.content.decode()
        assert words in page
        assert about in page
    assert counted() == before


@pytest.mark.parametrize("words", [SCRIPT, EMOJI], ids=["script", "emoji"])
def test_writing__odd_but_allowed__is_kept_as_it_is(words: str, scene: Scene) -> None:
    client = scene.client(scene.resident)
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    answer = client.post("/feedback/new/", {"sealed": begun.context["sealed"], "words": words})
    assert SCRIPT not in answer.content.decode()
    sent = client.post("/feedback/send/", {"sealed": answer.context["sealed"], "words": words}, follow=True)
    assert escape(words) in sent.content.decode()
    assert scene.sent().description == words


def test_writing__a_file_that_is_no_picture__is_refused_beside_its_field(scene: Scene) -> None:
    client, before = scene.client(scene.resident), counted()
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    fake = io.BytesIO(SCRIPT.encode())
    fake.name = "photo.jpg"
    answer = client.post(
        "/feedback/new/",
        {"sealed": begun.context["sealed"], "words": "太吵了", "pictures": [a_picture(), fake]},
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"pictures"}
    assert "太吵了" in answer.content.decode()
    assert counted() == before


def test_writing__seven_pictures__are_too_many(scene: Scene) -> None:
    client = scene.client(scene.resident)
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": begun.context["sealed"], "words": "太吵了"}
    answer = client.post("/feedback/new/", {**data, "pictures": [a_picture() for _n in range(7)]})
    assert answer.status_code == 422
    assert EarlyFile.objects.count() == 0


def test_writing__a_seal_of_ones_own_making__opens_nothing(scene: Scene) -> None:
    client, before = scene.client(scene.resident), counted()
    for address in ("/feedback/new/", "/feedback/send/", "/feedback/without-name/"):
        assert client.post(address, {"sealed": "mine", "words": "太吵了"}).status_code in {302, 409}
    assert counted() == before


def test_code__wrong__is_said_at_the_field_and_guessing_ends(scene: Scene) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    for wrong in ("", "ABC", "7K4M-9XQ2-HJ3T-V8PX", SCRIPT, EMOJI[:40]):
        answer = client.post("/feedback/code/", {"code": wrong})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"code"}
        assert SCRIPT not in answer.content.decode()
    guess = {"code": "7K4M-AAAA-AAAA-AAAA"}
    answers = [client.post("/feedback/code/", guess) for _n in range(FEEDBACK_CODE.amount + 2)]
    assert "太频繁" in answers[-1].content.decode()
    # Wrong ones of this beginning are refused unseen; the right one never is, whoever guessed before.
    assert client.post("/feedback/code/", {"code": CODE}).status_code == 302
    by_api = Client().post("/api/v1/feedback/by-code/", {"code": CODE}, content_type="application/json")
    assert by_api.status_code == 200
    make.make_feedback(estate=scene.estate, code="AAAA-BBBB-CCCC-DDDD")
    assert client.post("/feedback/code/", {"code": "aaaa bbbb cccc dddd"}).status_code == 302


@pytest.mark.parametrize("words", [TOO_LONG, EMOJI, SCRIPT], ids=["10,000 characters", "emoji", "script"])
def test_making_a_repair__keeps_the_words(words: str, scene: Scene) -> None:
    category = make.make_category(estate=scene.estate, parent=make.make_category(estate=scene.estate))
    home = scene.resident.residencies.get().home
    data = {"category": category.pk, "where": f"home-{home.pk}", "description": words}
    answer = scene.client(scene.clerk).post(f"/staff/feedback/{scene.new.pk}/repair/", data)
    if words == TOO_LONG:
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"description"}
        assert words in answer.content.decode()
        assert not Repair.objects.exists()
    else:
        assert answer.status_code == 302
        assert Repair.objects.get().description == words


@pytest.mark.parametrize("words", [TOO_LONG, EMOJI, SCRIPT], ids=["10,000 characters", "emoji", "script"])
def test_how_was_it__keeps_the_words(words: str, scene: Scene) -> None:
    question = ask_satisfaction(
        RequestRef(scene.estate.pk, "fees", "P-261123-0001"),
        what="缴费",
        resident=scene.resident,
        now=clock.now(),
    )
    client = scene.client(scene.resident)
    answer = client.post(f"/how-was-it/{question.pk}/", {"face": "1", "words": words})
    if words == TOO_LONG:
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Satisfaction.objects.exists()
    else:
        assert Satisfaction.objects.get().words == words


def test_search__of_anything__is_a_page(scene: Scene) -> None:
    client = scene.client(scene.clerk)
    for words in (TOO_LONG, EMOJI, SCRIPT, "\x00", "'; --", "%"):
        page = client.get("/staff/feedback/", {"words": words, "kind": words, "state": words})
        assert page.status_code == 200
        assert SCRIPT not in page.content.decode()


TWICE = {
    "reply": ("resident", "/feedback/{mine}/add/", {}),
    "reply by code": ("nobody", "/feedback/code/thread/add/", {}),
    "answer": ("clerk", "/staff/feedback/{new}/do/answer/", {"then": "answer"}),
    "note": ("clerk", "/staff/feedback/{new}/do/note/", {}),
}


def _form_with_token(client: Client, address: str) -> Any:
    """The form as its page shows it."""
    if "/do/" not in address:
        return client.get(address).context["form"]
    page, _do, slug = address.partition("do/")
    return next(form for form in client.get(page).context["forms"] if form.slug == slug.strip("/"))


@pytest.mark.parametrize("form", TWICE)
def test_said_twice_by_one_page__is_said_once__and_other_words_are_not_lost(form: str, scene: Scene) -> None:
    who, address, more = TWICE[form]
    user = {"resident": scene.resident, "clerk": scene.clerk, "nobody": None}[who]
    client = scene.client(user)
    address = address.format(mine=scene.mine.pk, new=scene.new.pk)
    key = _form_with_token(client, address)["key"]
    data = {"key": str(key.value()), **more}
    for words in ("灯还没修", "灯还没修", "电梯也停了", "灯还没修"):
        assert client.post(address, {**data, "words": words}).status_code == 302
    said = FeedbackMessage.objects.order_by("feedback", "position").values_list("words", flat=True)
    assert list(said) == ["灯还没修", "电梯也停了"]
    # The next page says it anew, and a token of one's own making is none.
    for token in (_form_with_token(client, address)["key"].value(), "mine", "\x00"):
        assert client.post(address, {**data, "key": str(token), "words": "灯还没修"}).status_code == 302
    assert FeedbackMessage.objects.count() == 5


def test_picture__sent_twice_by_one_page__is_there_once(scene: Scene) -> None:
    client, address = scene.client(scene.resident), f"/feedback/{scene.mine.pk}/add/"
    data = {"key": str(_form_with_token(client, address)["key"].value()), "words": ""}
    for colour in (a_picture(), a_picture()):
        client.post(address, {**data, "pictures": [colour]})
    assert (FeedbackMessage.objects.count(), scene.mine.pictures.count()) == (1, 1)


def _begun(client: Client, words: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The page that sends with a name, and the fields that it sends."""
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": begun.context["sealed"], "words": words}
    asked = client.post("/feedback/new/", {**data, **more})
    return asked.context["sealed_without_name"], {"sealed": asked.context["sealed"], "words": words}


@pytest.mark.parametrize("address", ["/feedback/send/", "/feedback/without-name/"])
def test_sent__then_changed_by_going_back__is_not_said_to_be_sent__and_nothing_is_lost(
    address: str, scene: Scene
) -> None:
    client = scene.client(scene.resident)
    sealed, data = _begun(client, "楼道灯坏了")
    if address.endswith("name/"):
        data["sealed"] = sealed
    client.post(address, data)
    first, changed = scene.sent(), "楼道灯坏了，电梯也停了"
    again = client.post(address, {**data, "words": changed})
    assert again.status_code == 422
    assert "已经提交" in again.content.decode()
    assert changed in again.content.decode()
    assert scene.sent().description == "楼道灯坏了"
    # From that page it can be sent as something new.
    anew = client.post("/feedback/new/", {"sealed": again.context["sealed"], "words": changed})
    key = "sealed_without_name" if address.endswith("name/") else "sealed"
    sent = client.post(address, {"sealed": anew.context[key], "words": changed})
    assert sent.status_code in {200, 302}
    written = {one.description for one in Feedback.objects.filter(is_anonymous=first.is_anonymous)}
    assert {"楼道灯坏了", changed} <= written


def test_sent__then_a_picture_is_added_by_going_back__it_is_not_lost(scene: Scene) -> None:
    client = scene.client(scene.resident)
    _sealed, data = _begun(client, "楼道灯坏了")
    client.post("/feedback/send/", data)
    more = client.post("/feedback/new/", {**data, "pictures": [a_picture()]})
    again = client.post("/feedback/send/", {**data, "sealed": more.context["sealed"]})
    assert again.status_code == 422
    assert EarlyFile.objects.count() == len(again.context["draft"].pictures) == 1
    client.post("/feedback/send/", {**data, "sealed": again.context["sealed"]})
    assert sorted(one.pictures.count() for one in scene.resident.feedbacks.all()) == [0, 0, 0, 1]


def test_page_of_yesterday__is_sent_with_its_words(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    client = scene.client(scene.resident)
    with monkeypatch.context() as then:
        then.setattr("time.time", lambda: clock.now().timestamp() - 2 * 24 * 3600)
        sealed = DraftToken.now(estate=scene.estate.pk, kind="praise").seal()
    asked = client.post("/feedback/new/", {"sealed": sealed, "words": "昨天写的"})
    assert asked.status_code == 200
    client.post("/feedback/send/", {"sealed": asked.context["sealed"], "words": "昨天写的"})
    assert (scene.sent().description, scene.sent().kind) == ("昨天写的", "praise")
