"""Steps on which a resident speaks instead of writing: heard by those who would read it, and kept once."""

import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from community.core import clock
from community.core.recordings import Spoken
from services.care import actions as care
from services.care.models import CareBooking, CareRecording
from services.care.tasks import DRAFTS_KEPT, forget_old_care_drafts
from services.fees.models import Dispute
from services.renovation.models import Participation, RenovationRecording
from services.repairs.models import RepairRecording
from tests import factories as make
from tests.factories.renovation import Site, make_appointment
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


def heard_by(sound: str, *pages: tuple[Any, str]) -> None:
    """The player stands on each page of these people, and it plays."""
    for person, page in pages:
        client = signed_in(person)
        assert sound in client.get(page).content.decode(), page
        assert client.get(sound).status_code == 200


def test_defects__only_spoken__are_heard_by_household_crew_and_coordinator() -> None:
    appointment = make_appointment(status="done")
    resident, address = signed_in(appointment.resident), reverse("appointment_defects", args=[appointment.pk])
    empty = resident.post(address, {"words": " ", "recording_early": ""})
    assert empty.status_code == 422
    assert "请写" in empty.content.decode()
    for _tap in range(2):
        assert resident.post(address, spoken(words="")).status_code == 302
    appointment.refresh_from_db()
    assert appointment.status == "defects"
    sound = reverse("renovation_recording", args=[RenovationRecording.objects.get().pk])
    heard_by(
        sound,
        (appointment.resident, reverse("appointment", args=[appointment.pk])),
        (appointment.crew.members.get(), reverse("crew_job", args=[appointment.pk])),
        (
            make.make_staff(role="renovation_coordinator", estate=appointment.estate),
            reverse("staff_appointment", args=[appointment.pk]),
        ),
    )
    for stranger in (make.make_resident(), make.make_staff(role="carer", estate=appointment.estate)):
        assert signed_in(stranger).get(sound).status_code == 404


def test_appointment__cancelled_by_voice_twice__keeps_one_message() -> None:
    appointment, before = make_appointment(), files()
    address = reverse("appointment_cancel", args=[appointment.pk])
    for _tap in range(2):
        signed_in(appointment.resident).post(address, spoken(reason=""))
    assert RenovationRecording.objects.get().appointment == appointment
    assert len(files()) == len(before) + 1


def test_wishes__spoken_again_and_deleted__keep_the_last_alone(
    django_capture_on_commit_callbacks: Any,
) -> None:
    site, before = Site(), files()
    resident = signed_in(site.resident)
    address = reverse("renovation_take_part", args=[site.project.pk, site.home.pk])

    def answer(**given: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert resident.post(address, {"answer": "yes", **given}).status_code == 302

    answer(**spoken())
    answer(**spoken())
    kept = RenovationRecording.objects.get()
    assert kept.participation == Participation.objects.get(home=site.home)
    assert len(files()) == len(before) + 1
    answer(wishes="中午要睡觉")
    sound = reverse("renovation_recording", args=[kept.pk])
    appointment = make_appointment(site=site)
    heard_by(
        sound,
        (site.resident, reverse("renovation_home", args=[site.project.pk, site.home.pk])),
        (appointment.crew.members.get(), reverse("crew_job", args=[appointment.pk])),
    )
    assert signed_in(make.make_resident()).get(sound).status_code == 404
    answer(drops_spoken="on")
    assert not RenovationRecording.objects.exists()
    assert files() == before


def test_bill__objected_to_by_voice_twice__keeps_one_message_for_household_and_office() -> None:
    bill, before = make.make_bill(), files()
    son, elder = make.make_resident(), make.make_resident(home=bill.home)
    make.make_delegation(resident=elder, delegate=son, service="fees")
    address = reverse("bill_dispute", args=[bill.pk])
    assert "data-record" in signed_in(elder).get(address).content.decode()
    for _tap in range(2):
        assert signed_in(elder).post(address, spoken(reason="amount", words="")).status_code == 302
    dispute = Dispute.objects.get(bill=bill)
    assert len(files()) == len(before) + 1
    heard_by(
        reverse("dispute_recording", args=[dispute.recordings.get().pk]),
        (elder, reverse("bill", args=[bill.pk])),
        (son, reverse("bill", args=[bill.pk])),
        (make.make_cashier(estate=bill.estate), reverse("fees_dispute_answer", args=[dispute.pk])),
        (make.make_cashier(estate=bill.estate), reverse("fees_bill", args=[bill.pk])),
    )
    sound = reverse("dispute_recording", args=[dispute.recordings.get().pk])
    for stranger in (make.make_resident(), make.make_cashier(), make.make_staff(role="carer")):
        assert signed_in(stranger).get(sound).status_code == 404


def test_care__question_answered_by_voice__is_booked_and_heard_by_the_carer() -> None:
    service = make.make_care_service(question="去哪家医院？", needs_answer=True)
    draft = make.make_care_draft(service=service)
    elder = signed_in(draft.resident)
    question = reverse("care_question", args=[draft.pk])
    assert elder.post(question, {"answer": ""}).status_code == 422
    check = elder.post(question, spoken(answer="", agrees="on"), follow=True)
    sound = reverse("care_recording", args=[CareRecording.objects.get().pk])
    assert sound in check.content.decode()
    assert elder.post(reverse("care_check", args=[draft.pk])).status_code == 302
    booking = CareBooking.objects.get()
    assert booking.recordings.get().draft is None
    carer = make.make_carer(provider=service.provider).user
    CareBooking.objects.update(carer=carer)
    coordinator = make.make_staff(role="care_coordinator", estate=booking.estate)
    heard_by(
        sound,
        (booking.resident, reverse("care_booking", args=[booking.pk])),
        (carer, reverse("care_visit", args=[booking.pk])),
        (coordinator, reverse("care_desk_booking", args=[booking.pk])),
    )
    other = make.make_carer(provider=service.provider).user
    assert signed_in(other).get(sound).status_code == 404
    assert elder.post(reverse("care_cancel", args=[booking.pk]), spoken(reason="")).status_code == 302
    assert booking.recordings.count() == 2


def test_care__draft_that_is_left__is_deleted_with_what_was_said(
    django_capture_on_commit_callbacks: Any,
) -> None:
    draft, before = make.make_care_draft(now=clock.now() - DRAFTS_KEPT * 2), files()
    said = Spoken(io.BytesIO(sounds.ogg()), 2)
    given = care.Answer("", spoken=said, agrees=True)
    care.answer_draft(draft=draft, by=draft.resident, given=given, now=clock.now())
    again = care.hold_again(draft=draft, by=draft.resident, key=uuid4(), now=clock.now())
    assert again.recordings.exists(), "it went along to the time held again"
    type(again).objects.update(created_at=draft.created_at)
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_old_care_drafts()
    assert files() == before


def test_repair__cancelled_by_voice__is_heard_by_the_desk() -> None:
    repair = make.make_repair()
    address = reverse("repair_cancel", args=[repair.pk])
    assert signed_in(repair.resident).post(address, spoken(reason="")).status_code == 302
    sound = reverse("repair_recording", args=[RepairRecording.objects.get().pk])
    desk = make.make_staff(estate=repair.estate)
    heard_by(sound, (desk, reverse("board_repair", args=[repair.pk])))
