"""Spoken messages of a thread: of writers with a name alone, since a voice says who one is."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from community.core import clock
from services.feedback import actions
from services.feedback.models import FeedbackRecording
from tests import factories as make
from tests.support import sounds

pytestmark = pytest.mark.django_db


def a_sound() -> Any:
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    return sound


def signed_in(person: Any) -> Client:
    client = Client()
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
