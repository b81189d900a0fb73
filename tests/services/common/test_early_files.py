"""Pictures that go up while the words are being written: one use each, and nothing is left of pages that were."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from community.core import clock
from services.common import early_files
from services.common.models import EarlyFile
from services.feedback.models import Feedback
from services.repairs.models import RepairDraft, RepairPicture, RepairRecording
from tests import factories as make
from tests.support import sounds
from tests.support.photos import stored_pictures
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sent_ahead(client: Client, picture: Any = None, ticket: str = "") -> Any:
    data = {"ticket": ticket or early_files.ticket(), "picture": picture or a_picture()}
    return client.post(reverse("early_picture"), data)


def a_draft(resident: Any, home: Any) -> RepairDraft:
    category = make.make_category(estate=home.estate)
    return RepairDraft.objects.create(
        estate=home.estate,
        resident=resident,
        begun_by=resident,
        home=home,
        category=category,
        created_at=clock.now(),
    )


def test_picture__sent_ahead__is_in_the_report_once_however_often_the_form_comes() -> None:
    home = make.make_home()
    resident = make.make_resident(home=home)
    client, draft = signed_in(resident), a_draft(resident, home)
    token = sent_ahead(client).json()["token"]
    words = reverse("report_words", args=[draft.pk])
    for _tap in range(2):
        answer = client.post(words, {"description": "漏水", "pictures_early": token})
        assert answer.status_code == 302
    assert draft.pictures.count() == 1
    assert not EarlyFile.objects.exists()
    shown = client.get(reverse("repair_picture", args=[draft.pictures.get().pk, "small"]))
    assert shown.status_code == 200


def test_picture__named_by_two_forms__belongs_to_the_first(client: Client) -> None:
    home = make.make_home()
    resident, other = make.make_resident(home=home), make.make_resident(home=home)
    token = sent_ahead(signed_in(resident)).json()["token"]
    for person in (resident, other):
        words = reverse("report_words", args=[a_draft(person, home).pk])
        signed_in(person).post(words, {"pictures_early": token})
    assert RepairPicture.objects.get().added_by == resident


def test_picture__of_a_page_that_was_left__is_deleted_with_its_files() -> None:
    before = stored_pictures()
    sent_ahead(signed_in(make.make_resident()))
    assert len(stored_pictures()) == len(before) + 3
    assert early_files.delete_old(now=clock.now() + timedelta(hours=20)) == 0
    assert early_files.delete_old(now=clock.now() + timedelta(days=3)) == 1
    assert stored_pictures() == before


def test_early_picture__no_ticket_or_no_picture__keeps_nothing() -> None:
    client = signed_in(make.make_resident())
    script = io.BytesIO(b"<script>")
    script.name = "photo.jpg"
    assert sent_ahead(client, ticket="forged").status_code == 409
    refused = sent_ahead(client, script)
    assert refused.status_code == 422
    assert "JPEG" in refused.json()["message"]
    assert not EarlyFile.objects.exists()


def test_early_picture__more_of_one_page_than_it_can_send__are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(early_files, "MAX_OF_PAGE", 1)
    client, ticket = signed_in(make.make_resident()), early_files.ticket()
    assert sent_ahead(client, ticket=ticket).status_code == 200
    assert sent_ahead(client, ticket=ticket).status_code == 422
    assert sent_ahead(client).status_code == 200


def test_form__refused_after_its_pictures_went_up__shows_them_and_takes_them_the_next_time() -> None:
    repair = make.make_repair()
    client = signed_in(repair.resident)
    token = sent_ahead(client).json()["token"]
    add = reverse("repair_add_words", args=[repair.pk])
    for _number in range(6):
        RepairPicture.objects.create(
            repair=repair, key="gone", width=1, height=1, added_by=repair.resident, at=clock.now()
        )
    page = client.post(add, {"words": "看照片", "pictures_early": token})
    assert page.status_code == 422
    assert token in page.content.decode()
    assert client.get(reverse("early_picture_shown", args=[token])).status_code == 200
    RepairPicture.objects.all().delete()
    assert client.post(add, {"words": "看照片", "pictures_early": token}).status_code == 302
    assert repair.pictures.count() == 1
    assert client.get(reverse("early_picture_shown", args=[token])).status_code == 404


def test_feedback__back_from_the_question_of_the_name__keeps_the_picture_once(client: Client) -> None:
    estate = make.make_estate()
    begun = client.get("/feedback/new/", {"kind": "complaint", "estate": estate.pk})
    sealed = begun.context["sealed"]
    kept = client.post(reverse("feedback_early_picture"), {"sealed": sealed, "picture": a_picture()})
    data = {"sealed": sealed, "words": "楼道灯坏了", "pictures_early": kept.json()["token"]}
    for _time in range(2):
        named = client.post("/feedback/new/", data)
        assert len(named.context["draft"].pictures) == 1
    last = {"sealed": named.context["sealed_without_name"], "words": "楼道灯坏了"}
    client.post(reverse("feedback_send_without_name"), last)
    assert Feedback.objects.get().pictures.count() == 1
    assert not EarlyFile.objects.exists()


def spoken_ahead(client: Client, address: str = "early_recording", **named: Any) -> Any:
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    data = {"ticket": early_files.ticket(), "recording": sound, "recording_seconds": 9}
    return client.post(reverse(address), data | named)


def test_voice__sent_ahead__is_in_the_report_once_however_often_the_form_comes() -> None:
    home = make.make_home()
    resident = make.make_resident(home=home)
    client, draft = signed_in(resident), a_draft(resident, home)
    token = spoken_ahead(client).json()["token"]
    heard = reverse("early_recording_shown", args=[token])
    assert client.get(heard)["Content-Type"] == "audio/ogg"
    for _tap in range(2):
        answer = client.post(reverse("report_words", args=[draft.pk]), {"voice_early": token})
        assert answer.status_code == 302
    assert RepairRecording.objects.get().seconds == 9
    assert client.get(heard).status_code == 404
    other = a_draft(resident, home)
    assert client.post(reverse("report_words", args=[other.pk]), {"voice_early": token}).status_code == 422


def test_form__refused_after_its_voice_went_up__plays_it_and_takes_it_the_next_time() -> None:
    repair = make.make_repair()
    client = signed_in(repair.resident)
    token = spoken_ahead(client).json()["token"]
    add = reverse("repair_add_words", args=[repair.pk])
    page = client.post(add, {"words": "水" * 2001, "recording_early": token})
    assert page.status_code == 422
    # Signed anew, perhaps a second later.
    assert reverse("early_recording_shown", args=[token]).partition(":")[0] in page.content.decode()
    assert client.post(add, {"recording_early": token}).status_code == 302
    assert repair.recordings.count() == 1
    # Named again, it is gone: the page says so, and no longer offers it.
    page = client.post(add, {"recording_early": token})
    assert page.context["form"].errors["recording"]
    assert token not in page.content.decode()


def test_early_voice__spoken_again_taken_out_or_no_sound__leaves_nothing(
    django_capture_on_commit_callbacks: Any,
) -> None:
    client, ticket = signed_in(make.make_resident()), early_files.ticket()
    with django_capture_on_commit_callbacks(execute=True):
        first, last = (spoken_ahead(client, ticket=ticket).json()["token"] for _time in range(2))
    assert client.get(reverse("early_recording_shown", args=[first])).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("early_recording"), {"taken_out": last})
    assert not EarlyFile.objects.exists()
    assert spoken_ahead(client, ticket="forged").status_code == 409
    refused = spoken_ahead(client, recording_seconds=500)
    assert (refused.status_code, bool(refused.json()["message"])) == (422, True)
    assert not EarlyFile.objects.exists()


def test_feedback__voice_sent_ahead__is_played_on_the_way_back_and_sent_once() -> None:
    client = signed_in(make.make_resident(home=make.make_home()))
    sealed = client.get("/feedback/new/", {"kind": "complaint"}).context["sealed"]
    token = spoken_ahead(client, "feedback_early_recording", sealed=sealed).json()["token"]
    named = client.post("/feedback/new/", {"sealed": sealed, "words": "", "recording_early": token})
    back = client.post("/feedback/new/", {"sealed": named.context["sealed"], "words": "", "step": "edit"})
    # The page names the file anew, at its own second.
    shown = re.search(r"/feedback/new/recordings/[^/\"]+/", back.content.decode())
    assert shown
    assert client.get(shown[0]).status_code == 200
    client.post(reverse("feedback_send"), {"sealed": named.context["sealed"], "words": ""})
    assert Feedback.objects.get().recordings.get().seconds == 9
    assert not EarlyFile.objects.exists()
    assert (
        "语音" in client.get(reverse("feedback_list"), headers={"accept-language": "zh-CN"}).content.decode()
    )


def test_feedback__voice_of_who_cannot_put_a_name__is_not_taken(client: Client) -> None:
    estate = make.make_estate()
    begun = client.get("/feedback/new/", {"kind": "complaint", "estate": estate.pk})
    sent = spoken_ahead(client, "feedback_early_recording", sealed=begun.context["sealed"])
    assert sent.status_code == 409
    assert not EarlyFile.objects.exists()
