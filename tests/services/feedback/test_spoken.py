"""Spoken messages of a thread: of writers with a name alone, since a voice says who one is."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from community.core import clock
from services.common.models import EarlyFile
from services.feedback import actions
from services.feedback.models import Feedback, FeedbackRecording
from tests import factories as make
from tests.support import sounds

pytestmark = pytest.mark.django_db


def a_sound() -> Any:
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    return sound


def signed_in(person: Any) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(person)
    return client


def test_add__spoken_alone_and_sent_twice__is_played_once_by_the_desk_and_by_no_neighbour() -> None:
    feedback = make.make_feedback()
    writer, key = signed_in(feedback.resident), uuid4()
    address = reverse("feedback_act", args=[feedback.pk, "add"])
    for _tap in range(2):
        sent = writer.post(address, {"recording": a_sound(), "recording_seconds": 9, "key": key})
        assert sent.status_code == 302
    recording = FeedbackRecording.objects.get()
    assert recording.seconds == 9
    sound = reverse("feedback_recording", args=[recording.pk])
    desk = signed_in(make.make_staff(estate=feedback.estate))
    assert sound in desk.get(reverse("staff_feedback_one", args=[feedback.pk])).content.decode()
    assert sound in writer.get(reverse("feedback", args=[feedback.pk])).content.decode()
    assert desk.get(sound).status_code == 200
    assert signed_in(make.make_resident()).get(sound).status_code == 404


def test_not_solved__spoken_alone__opens_it_again() -> None:
    feedback = make.make_feedback()
    clerk = make.make_staff(estate=feedback.estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="换了灯泡", now=clock.now() + timedelta(minutes=1))
    address = reverse("feedback_act", args=[feedback.pk, "not-solved"])
    assert signed_in(feedback.resident).post(address, {"words": ""}).status_code == 422
    sent = signed_in(feedback.resident).post(address, {"recording": a_sound(), "recording_seconds": 3})
    assert sent.status_code == 302
    feedback.refresh_from_db()
    assert feedback.status == feedback.Status.REOPENED
    assert feedback.recordings.count() == 1


def written(client: Client, **given: Any) -> Any:
    """The answer to the page of the first words; a speaker's asks for the name."""
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    return client.post("/feedback/new/", {"sealed": begun.context["sealed"], "words": "", **given})


def a_speaker() -> Client:
    return signed_in(make.make_resident(home=make.make_home()))


def test_first_words__spoken_alone_and_sent_twice__are_heard_where_they_are_read() -> None:
    writer = a_speaker()
    page = written(writer, recording=a_sound(), recording_seconds=8)
    assert "/feedback/without-name/" not in page.content.decode()
    for _tap in range(2):
        sent = writer.post("/feedback/send/", {"sealed": page.context["sealed"], "words": ""})
        assert sent.status_code == 302
    recording = FeedbackRecording.objects.get()
    assert (recording.seconds, recording.message) == (8, None)
    assert not EarlyFile.objects.exists()
    feedback, sound = recording.feedback, reverse("feedback_recording", args=[recording.pk])
    desk = signed_in(make.make_staff(estate=feedback.estate))
    assert sound in desk.get(reverse("staff_feedback_one", args=[feedback.pk])).content.decode()
    assert sound in writer.get(reverse("feedback", args=[feedback.pk])).content.decode()
    assert desk.get(sound).status_code == 200
    assert a_speaker().get(sound).status_code == 404


def test_first_words__spoken_and_then_sent_without_a_name__leave_no_voice(
    django_capture_on_commit_callbacks: Any,
) -> None:
    def files() -> list[str]:
        return default_storage.listdir("recordings")[1] if default_storage.exists("recordings") else []

    writer, before = a_speaker(), files()
    page = written(writer, words="太吵了", recording=a_sound(), recording_seconds=8)
    assert len(files()) == len(before) + 1
    assert "不写名字，语音就不发出去" in page.content.decode()
    last = {"sealed": page.context["sealed_without_name"], "words": ""}
    assert writer.post("/feedback/without-name/", last).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        for _tap in range(2):
            assert writer.post("/feedback/without-name/", {**last, "words": "太吵了"}).status_code == 200
    assert Feedback.objects.get().is_anonymous
    assert not FeedbackRecording.objects.exists()
    assert not EarlyFile.objects.exists()
    assert sorted(files()) == sorted(before)


def test_first_words__of_who_is_signed_out__are_written_alone() -> None:
    estate = make.make_estate()
    begun = Client().get("/feedback/new/", {"kind": "complaint", "estate": estate.pk})
    assert "data-record" not in begun.content.decode()
    data = {"sealed": begun.context["sealed"], "words": "太吵了", "recording": a_sound()}
    assert Client().post("/feedback/new/", data).status_code == 422
    assert not EarlyFile.objects.exists()


def test_first_words__neither_written_nor_a_sound__are_refused_at_their_field() -> None:
    script = io.BytesIO(b"<script>")
    script.name = "voice.ogg"
    for given, field in (({}, "words"), ({"recording": script}, "recording")):
        page = written(a_speaker(), **given)
        assert page.status_code == 422
        assert page.context["form"].errors.keys() == {field}
    too_long = written(a_speaker(), words="太吵了", recording=a_sound(), recording_seconds=121)
    assert too_long.status_code == 422
    assert not EarlyFile.objects.exists()


def test_first_words__spoken_with_a_mistake_and_again__keep_the_last_voice_alone() -> None:
    writer = a_speaker()
    page = written(writer, about="x" * 61, recording=a_sound(), recording_seconds=8)
    assert page.status_code == 422
    first, sealed = EarlyFile.objects.get(), page.context["sealed"]
    again = writer.post("/feedback/new/", {"sealed": sealed, "recording": a_sound(), "recording_seconds": 5})
    assert again.status_code == 200
    last = EarlyFile.objects.get()
    assert (last.seconds, last.pk != first.pk) == (5, True)
    # What the first page names is gone: it says so and sends nothing.
    assert writer.post("/feedback/send/", {"sealed": sealed, "words": ""}).status_code == 422
    writer.post("/feedback/new/", {"sealed": again.context["sealed"], "step": "no-recording"})
    assert not EarlyFile.objects.exists()
    assert not Feedback.objects.exists()


def test_rating__spoken_and_sent_twice__is_heard_once_in_the_thread() -> None:
    feedback = make.make_feedback()
    clerk = make.make_staff(estate=feedback.estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="换了灯泡", now=clock.now())
    address = reverse("feedback_act", args=[feedback.pk, "solved"])
    for _tap in range(2):
        given = {"face": 3, "recording": a_sound(), "recording_seconds": 4}
        assert signed_in(feedback.resident).post(address, given).status_code == 302
    feedback.refresh_from_db()
    assert (feedback.status, feedback.satisfaction.face) == (feedback.Status.CLOSED, 3)
    sound = reverse("feedback_recording", args=[feedback.recordings.get().pk])
    page = signed_in(clerk).get(reverse("staff_feedback_one", args=[feedback.pk])).content.decode()
    assert sound in page
