"""A resident with something in every service, whose names, numbers and words are nobody else's."""

import io
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from PIL import Image

from accounts.models import Delegation, User
from community.core import clock, pictures, recordings
from community.core.transitions import record_first_status
from community.notifications.models import OutboxMessage
from community.notifications.outbox import queue_message
from services.care.models import CareRecording
from services.common.models import Satisfaction
from services.feedback.models import FeedbackMessage
from services.fees.models import InvoiceRequest
from services.renovation.models import Participation
from services.repairs.models import RepairMessage, RepairPicture, RepairRecording
from tests import factories as make
from tests.factories import renovation
from tests.support import sounds


@dataclass
class Life:
    person: User
    delegate: Delegation
    # Texts that nothing but this person's rows contains.
    words: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def traces(self) -> list[str]:
        return [self.person.name, self.person.phone, self.person.phone_national, *self.words]


def make_life(*, name: str, mark: str) -> Life:
    """Creates the person, whose every typed word begins with ``mark``; everything is finished and paid."""
    site = renovation.Site()
    home = site.home
    home.roster.all().delete()
    person = make.make_resident(home=home, name=name)
    site.resident.residencies.all().delete()
    site.resident = person
    make.make_roster_entry(home=home, name=name, phone=person.phone, birth_year=1941)
    make.make_roster_entry(home=home, name=name, phone="", landline="02788001234")
    life = Life(person, make.make_delegation(resident=person, service="care", relation="女儿"))
    make.make_consent(person=person)

    def said(what: str) -> str:
        life.words.append(f"{mark}{what}")
        return life.words[-1]

    _repair(life, home, said)
    _care(life, home, said)
    _rest(life, home, site, said)
    _messages(life)
    return life


def _repair(life: Life, home: Any, said: Any) -> None:
    person, now = life.person, clock.now()
    repair = make.make_repair(home=home, resident=person, status="closed", description=said("水管"))
    RepairMessage.objects.create(repair=repair, author=person, words=said("修得好"), at=now)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "JPEG")
    picture.name = "p.jpg"
    stored = pictures.store(picture)
    shot = RepairPicture.objects.create(
        repair=repair, key=stored.key, width=40, height=30, added_by=person, at=now, shows="report"
    )
    sound = recordings.store(io.BytesIO(sounds.ogg()), seconds=3)
    RepairRecording.objects.create(repair=repair, added_by=person, at=now, **sound.take())
    life.files += [*(shot.file_name(size) for size in pictures.SIZES), sound.name]
    repair.satisfaction = Satisfaction.objects.create(
        estate=home.estate,
        service="repairs",
        reference=repair.reference,
        face=3,
        words=said("谢谢师傅"),
        given_by=person,
        at=now,
    )
    repair.save(update_fields=["satisfaction"])


def _care(life: Life, home: Any, said: Any) -> None:
    person, now = life.person, clock.now()
    service = make.make_care_service(estate=home.estate, question="要注意什么？")
    booking = make.make_care_booking(
        service=service, home=home, resident=person, status="done", description=said("膝盖")
    )
    sound = recordings.store(io.BytesIO(sounds.ogg()), seconds=2)
    CareRecording.objects.create(booking=booking, added_by=person, at=now, **sound.take())
    later = make.make_slot(resource=service.resource, at=time(16))
    draft = make.make_care_draft(service=service, slot=later, home=home, resident=person, answer=said("忌口"))
    spoken = recordings.store(io.BytesIO(sounds.ogg()), seconds=2)
    CareRecording.objects.create(draft=draft, added_by=person, at=now, **spoken.take())
    life.files += [sound.name, spoken.name]


def _rest(life: Life, home: Any, site: Any, said: Any) -> None:
    person, now = life.person, clock.now()
    feedback = make.make_feedback(
        estate=home.estate, resident=person, status="closed", description=said("太吵"), about=said("关于")
    )
    FeedbackMessage.objects.create(
        feedback=feedback, author=person, words=said("补充"), is_writers=True, at=now
    )
    make.make_help_call(home=home, resident=person, status="ended", words=said("摔倒"))
    appointment = renovation.make_appointment(site=site, status="confirmed")
    Participation.objects.filter(project=appointment.project, home=home).update(
        answered_by=person, wishes=said("外窗要白色"), answered_at=now
    )
    bill = make.make_bill(home=home, charged_to=person)
    payment = make.make_payment(bills=[bill], payer=person, paid=True)
    invoice = InvoiceRequest.objects.create(
        estate=home.estate,
        home=home,
        resident=person,
        made_by=person,
        kind="personal",
        title=said("抬头"),
        amount_fen=payment.amount_fen,
        status="withdrawn",
        status_changed_at=now,
        created_at=now,
    )
    record_first_status(invoice, by=person, now=now, reason=said("不要了"))


def _messages(life: Life) -> None:
    now = clock.now()
    named = {"name": life.person.name}
    queue_message(
        life.delegate.delegate, "delegation_noted", key=f"n:{life.person.pk}", params=named, now=now
    )
    queue_message(
        life.person, "residency_approved", key=f"r:{life.person.pk}", params={"home": "501"}, now=now
    )
    assert OutboxMessage.objects.filter(recipient=life.person).exists()


def found_anywhere(traces: list[str]) -> list[str]:
    """Returns where in all rows of all tables, decrypted, and in all files one of the texts stands."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            for column in model._meta.concrete_fields:
                text = str(getattr(row, column.attname))
                found += [
                    f"{model._meta.label}.{column.name}: {one}" for one in traces if one and one in text
                ]
    return found + [f"{name}: {one}" for name in stored_files() for one in traces if _in_file(name, one)]


def _in_file(name: str, text: str) -> bool:
    with default_storage.open(name) as file:
        return bool(text) and text.encode() in file.read()


def stored_files(folder: str = "") -> list[str]:
    """Returns the names of all files in the private storage."""
    folders, files = default_storage.listdir(folder or ".")
    names = [f"{folder}/{one}" if folder else one for one in files]
    for one in folders:
        names += stored_files(f"{folder}/{one}" if folder else one)
    return names
