"""What is spoken with a rating: heard once by those who read its words, and by no one else."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from community.core import clock
from services.care.models import CareBooking
from services.common.models import RequestRef, Satisfaction, SatisfactionRecording
from services.common.satisfaction import ask_satisfaction
from services.feedback.models import Feedback
from tests import factories as make
from tests.factories.renovation import make_appointment
from tests.support import sounds

pytestmark = pytest.mark.django_db


def spoken(**given: Any) -> dict[str, Any]:
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    return {"recording": sound, "recording_seconds": 6, **given}


def signed_in(person: Any) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(person)
    return client


def files() -> list[str]:
    return sorted(default_storage.listdir("recordings")[1]) if default_storage.exists("recordings") else []


def a_question() -> Any:
    home = make.make_home()
    resident = make.make_resident(home=home)
    paid = RequestRef(home.estate.pk, "fees", "P-261123-0001")
    return ask_satisfaction(paid, what="缴费", resident=resident, now=clock.now())


def test_payment__rated_by_voice_and_sent_twice__is_heard_once_and_in_the_follow_up() -> None:
    question, before = a_question(), files()
    payer, address = signed_in(question.resident), reverse("how_was_it", args=[question.pk])
    for _tap in range(2):
        assert payer.post(address, spoken(face=1)).status_code in (302, 200)
    recording = SatisfactionRecording.objects.get()
    assert (recording.seconds, recording.satisfaction.face) == (6, 1)
    assert len(files()) == len(before) + 1
    sound = reverse("rating_recording", args=[recording.pk])
    assert sound in payer.get(address).content.decode()
    assert payer.get(sound).status_code == 200
    follow_up = Feedback.objects.get(is_follow_up=True)
    desk = signed_in(make.make_staff(estate=question.estate))
    page = desk.get(reverse("staff_feedback_one", args=[follow_up.pk])).content.decode()
    heard = reverse("feedback_rating_recording", args=[follow_up.pk])
    assert heard in page
    assert desk.get(heard).status_code == desk.get(sound).status_code == 200
    assert "语音" in desk.get(f"{reverse('staff_feedback')}?estate={question.estate_id}").content.decode()
    for stranger in (make.make_resident(), make.make_staff(role="repair_worker", estate=question.estate)):
        assert signed_in(stranger).get(sound).status_code == 404
        assert signed_in(stranger).get(heard).status_code == 404


def test_visit__thumb_with_a_voice__is_heard_by_the_coordinator_and_not_by_the_carer() -> None:
    carer = make.make_carer().user
    booking = make.make_care_booking(status=CareBooking.Status.DONE, carer=carer)
    elder, address = signed_in(booking.resident), reverse("care_thumb", args=[booking.pk])
    assert elder.post(address, spoken(recording_early="")).status_code == 422
    assert elder.post(address, spoken(thumb="down", words="来晚了")).status_code == 302
    booking.refresh_from_db()
    assert booking.satisfaction.words == "来晚了"
    sound = reverse("rating_recording", args=[booking.satisfaction.recording.pk])
    coordinator = signed_in(make.make_staff(role="care_coordinator", estate=booking.estate))
    assert sound in coordinator.get(reverse("care_desk_booking", args=[booking.pk])).content.decode()
    assert coordinator.get(sound).status_code == 200
    assert signed_in(carer).get(sound).status_code == 404


def test_work__confirmed_by_voice__is_heard_by_the_coordinator_and_not_by_the_crew() -> None:
    appointment = make_appointment(status="done")
    address = reverse("appointment_confirm", args=[appointment.pk])
    assert signed_in(appointment.resident).post(address, spoken(face=3)).status_code == 302
    sound = reverse("rating_recording", args=[SatisfactionRecording.objects.get().pk])
    coordinator = signed_in(make.make_staff(role="renovation_coordinator", estate=appointment.estate))
    assert sound in coordinator.get(reverse("staff_appointment", args=[appointment.pk])).content.decode()
    assert coordinator.get(sound).status_code == 200
    assert signed_in(appointment.crew.members.get()).get(sound).status_code == 404


def test_rating__of_a_page_with_a_recorder_that_was_not_used__is_kept() -> None:
    question = a_question()
    unused = {"recording_seconds": "", "recording_early": ""}
    address = reverse("how_was_it", args=[question.pk])
    assert signed_in(question.resident).post(address, {"face": 3, **unused}).status_code == 302
    assert Satisfaction.objects.get().face == 3


def test_figure__rows_of_ratings__play_what_was_spoken() -> None:
    question = a_question()
    signed_in(question.resident).post(reverse("how_was_it", args=[question.pk]), spoken(face=2))
    manager = signed_in(make.make_staff(role="manager", estate=question.estate))
    today = clock.today(clock.now()).isoformat()
    query = {"estate": question.estate_id, "from": today, "to": today}
    page = manager.get(reverse("measure_rows", args=["satisfaction"]), query).content.decode()
    assert reverse("rating_recording", args=[SatisfactionRecording.objects.get().pk]) in page


def test_rating__of_what_is_no_sound_or_too_long__is_refused_at_its_field_and_rates_nothing() -> None:
    question, before = a_question(), files()
    script = io.BytesIO(b"<script>")
    script.name = "voice.ogg"
    for wrong in (spoken(recording=script), spoken(recording_seconds=121), spoken(recording_seconds="x")):
        address = reverse("how_was_it", args=[question.pk])
        page = signed_in(question.resident).post(address, {"face": 3, **wrong})
        assert page.status_code == 422
        assert page.context["form"].errors["recording"]
    assert not Satisfaction.objects.exists()
    assert files() == before
