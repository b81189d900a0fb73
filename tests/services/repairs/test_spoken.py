"""Spoken messages in place of words: added, with a rating, and with what is still wrong."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from services.repairs.models import Repair, RepairRecording
from tests import factories as make
from tests.support import sounds

pytestmark = pytest.mark.django_db
FINISHED = Repair.Status.DONE


def a_sound() -> Any:
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    return sound


def send(repair: Repair, page: str, **given: Any) -> Any:
    client = Client()
    client.force_login(repair.resident)
    return client.post(
        reverse(page, args=[repair.pk]), {"recording": a_sound(), "recording_seconds": 7, **given}
    )


def test_add__spoken_alone__is_played_by_the_desk() -> None:
    repair = make.make_repair()
    assert send(repair, "repair_add_words").status_code == 302
    recording = repair.recordings.get()
    assert recording.seconds == 7
    desk = Client()
    desk.force_login(make.make_staff(role="dispatcher", estate=repair.estate))
    page = desk.get(reverse("board_repair", args=[repair.pk])).content.decode()
    address = reverse("repair_recording", args=[recording.pk])
    assert address in page
    assert desk.get(address).status_code == 200


def test_add__a_fourth_spoken_message__is_refused_at_its_field() -> None:
    repair = make.make_repair()
    for _number in range(3):
        send(repair, "repair_add_words")
    answer = send(repair, "repair_add_words")
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"recording"}
    assert repair.recordings.count() == 3


def test_reopen__spoken_alone__says_what_is_still_wrong() -> None:
    repair = make.make_repair(status=FINISHED, worker=make.make_staff(role="repair_worker"))
    assert send(repair, "repair_reopen").status_code == 302
    repair.refresh_from_db()
    assert repair.status == Repair.Status.REOPENED
    assert repair.recordings.count() == 1


def test_bad_rating__spoken__is_kept_with_the_repair() -> None:
    repair = make.make_repair(status=FINISHED, worker=make.make_staff(role="repair_worker"))
    assert send(repair, "repair_confirm", face=1).status_code == 302
    repair.refresh_from_db()
    assert repair.status == Repair.Status.CONFIRMED
    assert RepairRecording.objects.get().repair == repair


def test_rating__what_is_no_sound__is_refused_and_rates_nothing() -> None:
    repair = make.make_repair(status=FINISHED, worker=make.make_staff(role="repair_worker"))
    script = io.BytesIO(b"<script>")
    script.name = "voice.ogg"
    answer = send(repair, "repair_confirm", face=1, recording=script)
    assert answer.status_code == 422
    repair.refresh_from_db()
    assert repair.status == FINISHED
    assert repair.satisfaction is None
