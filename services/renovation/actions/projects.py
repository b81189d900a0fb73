"""The coordinator's verbs: project, questions, booking campaigns, shared work and pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import pictures
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move
from community.estates.models import Building
from community.notifications import live, outbox
from services.renovation import noise, policies
from services.renovation.models import (
    Appointment,
    Campaign,
    Crew,
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)

Status = RenovationProject.Status
MAX_QUESTION, MAX_ANSWER = 500, 2000
MAX_SHARED_PICTURES = 20
ENDED = [Appointment.Status.CONFIRMED, Appointment.Status.CANCELLED, Appointment.Status.MISSED]


def move_project(*, project: RenovationProject, to: str, by: User, now: datetime) -> None:
    """Moves the project to its next status, or back to an earlier one if nothing is booked.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``no_buildings``,
    ``has_appointments``, or ``not_finished`` while homes have open appointments.
    """
    policies.must_coordinate(by, project.estate_id)
    if project.status == to:
        return
    if to in (Status.OPEN, Status.SCHEDULED) and not project.parts.exists():
        raise ActionError("no_buildings", _("Please say first which buildings take part."))
    is_back = (project.status, to) in ((Status.SCHEDULED, Status.OPEN), (Status.OPEN, Status.DRAFT))
    if is_back and project.appointments.exclude(status=Appointment.Status.CANCELLED).exists():
        raise ActionError("has_appointments", _("There are appointments already."))
    waiting = project.appointments.exclude(status__in=ENDED)
    if to == Status.FINISHED and waiting.exists():
        raise ActionError(
            "not_finished", _("Some homes are not finished yet, or have not looked at the work.")
        )
    with transaction.atomic():
        move(project, to, by=by, now=now)
        live.notify_open_pages(project.live_topic)


def ask_question(
    *, project: RenovationProject, words: str, by: User, key: UUID, now: datetime
) -> ProjectQuestion:
    """Stores a question or comment, which everybody reads without the name; a repeated key stores it once.

    At most ``MAX_QUESTION`` characters. Raises ``Forbidden`` for a project that is a draft or not visible,
    ``words_missing``, ``too_long``, or ``key_used`` for another person's key.
    """
    if not RenovationProject.objects.visible_to(by).filter(pk=project.pk).exists():
        raise Forbidden
    if project.status == Status.DRAFT:
        raise Forbidden
    words = words.strip()
    if not words:
        raise ActionError("words_missing", _("Please write something."), field="words")
    if len(words) > MAX_QUESTION:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    with transaction.atomic():
        question, is_new = ProjectQuestion.objects.get_or_create(
            key=key, defaults={"project": project, "words": words, "asked_by": by, "created_at": now}
        )
        if not is_new and (question.project_id, question.asked_by_id) != (project.pk, by.pk):
            raise ActionError("key_used", _("This was sent before. Please open the page again."))
        if is_new:
            live.notify_open_pages(project.live_topic)
    return question


def answer_question(*, question: ProjectQuestion, answer: str, by: User, now: datetime) -> None:
    """Publishes the answer, or corrects it, and tells the person who asked, once.

    At most ``MAX_ANSWER`` characters. Raises ``Forbidden``, ``words_missing`` or ``too_long``.
    """
    policies.must_coordinate(by, question.project.estate_id)
    answer = answer.strip()
    if not answer:
        raise ActionError("words_missing", _("Please write an answer."), field="answer")
    if len(answer) > MAX_ANSWER:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="answer")
    with transaction.atomic():
        question.answer, question.answered_by, question.answered_at = answer, by, now
        question.save(update_fields=["answer", "answered_by", "answered_at"])
        outbox.queue_message(
            question.asked_by,
            "renovation_answered",
            key=f"renovation:question:{question.pk}",
            params={"project": question.project.name},
            url=reverse("renovation_questions", args=[question.project_id]),
            now=now,
        )
        live.notify_open_pages(question.project.live_topic)


@dataclass(frozen=True)
class NewCampaign:
    """Details of a campaign: from ``opens_at`` on, homes of ``building`` can book ``crew`` for ``item``."""

    item: WorkItem
    building: Building
    crew: Crew
    opens_at: datetime


def open_campaign(*, project: RenovationProject, campaign: NewCampaign, by: User, now: datetime) -> Campaign:
    """Opens booking for the homes of a building from ``opens_at`` on.

    Repeating it changes ``opens_at`` while booking is not open. Raises ``Forbidden``, ``wrong_item``,
    ``not_in_project``, ``wrong_crew``, ``no_times`` if the crew has no time that is long enough and in hours
    that allow noisy work, or ``has_begun`` if booking is open already.
    """
    policies.must_coordinate(by, project.estate_id)
    item, building, crew = campaign.item, campaign.building, campaign.crew
    if item.project_id != project.pk or not item.is_in_homes:
        raise ActionError("wrong_item", _("Please choose work in the homes of this project."), field="item")
    if not project.parts.filter(building=building).exists():
        raise ActionError("not_in_project", _("This building does not take part."), field="building")
    if crew.resource.estate_id != project.estate_id:
        raise ActionError("wrong_crew", _("Please choose a crew of this estate."), field="crew")
    slots = crew.resource.slots.filter(starts_at__gt=now, is_closed=False)
    if not noise.fitting_slots(item, slots, estate=project.estate_id):
        raise ActionError(
            "no_times",
            _("This crew has no time in which the work fits. Please look at its hours."),
            field="crew",
        )
    try:
        with transaction.atomic():
            opened, is_new = Campaign.objects.get_or_create(
                item=item,
                building=building,
                crew=crew,
                defaults={"project": project, "opens_at": campaign.opens_at},
            )
            if not is_new and opened.opens_at != campaign.opens_at:
                _change_opening(opened, campaign.opens_at, now=now)
            live.notify_open_pages(project.live_topic)
    except IntegrityError:  # another request opened it at the same moment
        return Campaign.objects.get(item=item, building=building, crew=crew)
    return opened


def _change_opening(campaign: Campaign, opens_at: datetime, *, now: datetime) -> None:
    """Changes the opening time of a campaign that is not open yet; raises ``has_begun``."""
    ahead = Campaign.objects.filter(pk=campaign.pk, opens_at__gt=now, told_at=None)
    if not ahead.update(opens_at=opens_at):
        raise ActionError("has_begun", _("Booking is open already. It cannot be put off."), field="opens_at")
    campaign.opens_at = opens_at


def set_stage(*, item: WorkItem, stage: str, by: User) -> None:
    """Sets how far shared work is.

    Raises ``Forbidden``, or ``wrong_stage`` for an unknown stage or for work in homes.
    """
    policies.must_coordinate(by, item.project.estate_id)
    if stage not in WorkItem.Stage.values or item.is_in_homes:
        raise ActionError("wrong_stage", _("Please choose one."), field="stage")
    with transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(stage=stage)
        item.stage = stage
        live.notify_open_pages(item.project.live_topic)


@dataclass(frozen=True)
class SharedPictures:
    """Pictures that everybody of the estate sees: of a shared work item, or drawings without one."""

    item: WorkItem | None
    shows: str
    caption: str
    uploads: Iterable[IO[bytes]]


def add_shared_pictures(
    *, project: RenovationProject, shared: SharedPictures, by: User, now: datetime
) -> list[RenovationPicture]:
    """Adds drawings of the plan, or pictures before and after shared work; stores all of them or none.

    Raises ``Forbidden``, ``wrong_shows``, ``wrong_item``, ``no_picture``, ``too_many_pictures`` above
    ``MAX_SHARED_PICTURES`` for each item, and ``PictureRefused``.
    """
    policies.must_coordinate(by, project.estate_id)
    item, shows = shared.item, shared.shows
    if shows not in RenovationPicture.Shows.values:
        raise ActionError("wrong_shows", _("Please say what the pictures show."), field="shows")
    if item is not None and (item.project_id != project.pk or item.is_in_homes):
        raise ActionError("wrong_item", _("Please choose shared work of this project."), field="item")
    if (item is None) != (shows == RenovationPicture.Shows.DRAWING):
        raise ActionError(
            "wrong_item", _("Before and after belong to a work item, drawings to none."), field="item"
        )
    uploads = list(shared.uploads)
    if not uploads:
        raise ActionError("no_picture", _("Please choose at least one picture."), field="pictures")
    if project.pictures.filter(item=item, appointment=None).count() + len(uploads) > MAX_SHARED_PICTURES:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_SHARED_PICTURES},
            field="pictures",
        )
    with pictures.storing(uploads) as stored, transaction.atomic():
        added = RenovationPicture.objects.bulk_create(
            RenovationPicture(
                project=project,
                item=item,
                key=picture.key,
                width=picture.width,
                height=picture.height,
                shows=shows,
                caption=shared.caption.strip(),
                added_by=by,
                at=now,
            )
            for picture in stored
        )
        live.notify_open_pages(project.live_topic)
    return added
