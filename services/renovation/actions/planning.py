"""The coordinator's verbs: the project, its buildings, its questions, its campaigns, its shared work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, pictures
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move
from community.estates.models import Building
from community.notifications import live, outbox
from services.renovation import noise, policies
from services.renovation.models import (
    Campaign,
    Crew,
    ProjectBuilding,
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.renovation.noise import NoiseRule
from services.scheduling import actions as scheduling
from services.scheduling.models import WeeklyHours

Status = RenovationProject.Status
MAX_QUESTION, MAX_ANSWER = 500, 2000
MAX_SHARED_PICTURES = 20


def move_project(*, project: RenovationProject, to: str, by: User, now: datetime) -> None:
    """On to the next state, or back from comments to the draft."""
    policies.must_coordinate(by, project.estate_id)
    if project.status == to:
        return
    if to in (Status.OPEN, Status.SCHEDULED) and not project.parts.exists():
        raise ActionError("no_buildings", _("Please say first which buildings take part."))
    with transaction.atomic():
        move(project, to, by=by, now=now)
        live.changed(project.live_topic)


def add_building(*, project: RenovationProject, building: Building, by: User) -> ProjectBuilding:
    """A building takes part; added before: nothing happens."""
    policies.must_coordinate(by, project.estate_id)
    if building.estate_id != project.estate_id:
        raise ActionError("other_estate", _("This building is of another estate."), field="building")
    part, is_new = ProjectBuilding.objects.get_or_create(project=project, building=building)
    if is_new:
        live.changed(project.live_topic)
    return part


def ask_question(
    *, project: RenovationProject, words: str, by: User, key: UUID, now: datetime
) -> ProjectQuestion:
    """A comment or a question, which everybody reads without the name. Sent twice: once."""
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
            live.changed(project.live_topic)
    return question


def answer_question(*, question: ProjectQuestion, answer: str, by: User, now: datetime) -> None:
    """Answer in the open, or better an answer; who asked is told once."""
    policies.must_coordinate(by, question.project.estate_id)
    answer = answer.strip()
    if not answer:
        raise ActionError("words_missing", _("Please write an answer."), field="answer")
    if len(answer) > MAX_ANSWER:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="answer")
    with transaction.atomic():
        question.answer, question.answered_by, question.answered_at = answer, by, now
        question.save(update_fields=["answer", "answered_by", "answered_at"])
        outbox.tell(
            question.asked_by,
            "renovation_answered",
            key=f"renovation:question:{question.pk}",
            params={"project": question.project.name},
            url=reverse("renovation_questions", args=[question.project_id]),
            now=now,
        )
        live.changed(question.project.live_topic)


@dataclass(frozen=True)
class CrewHours:
    """A crew's working day: the same on each of these weekdays."""

    weekdays: tuple[int, ...]
    spans: tuple[tuple[time, time], ...]
    minutes: int
    capacity: int
    works: str = WeeklyHours.Works.WORKING_DAYS


def set_crew_hours(*, crew: Crew, hours: CrewHours, by: User, now: datetime) -> None:
    """When a crew comes, and how many homes at a time; the times of four weeks follow.

    Raises ``QuietHours`` where a noisy crew would work outside the estate's hours for noise.
    """
    estate = crew.resource.estate
    policies.must_coordinate(by, estate.pk)
    rows = [
        WeeklyHours(
            resource=crew.resource,
            weekday=weekday,
            opens=opens,
            closes=closes,
            slot_minutes=hours.minutes,
            capacity=hours.capacity,
            works=hours.works,
        )
        for weekday in hours.weekdays
        for opens, closes in hours.spans
    ]
    if not rows:
        raise ActionError("no_hours", _("Please choose at least one day and its hours."), field="weekdays")
    if any(row.closes <= row.opens for row in rows):
        raise ActionError("backwards", _("The end must be after the beginning."), field="closes")
    today = clock.today(now)
    rule = NoiseRule(estate=estate, first=today, last=today)
    if crew.is_noisy and not all(rule.allows_weekly(row) for row in rows):
        raise ActionError(
            "quiet_hours",
            _("This crew is noisy: its hours must lie within the hours for noise of the estate."),
            field="opens",
        )
    with transaction.atomic():
        crew.resource.hours.all().delete()
        WeeklyHours.objects.bulk_create(rows)
        scheduling.plan_ahead(resources=[crew.resource], now=now)
        live.changed(crew.live_topic)


def open_campaign(
    *, project: RenovationProject, item: WorkItem, building: Building, crew: Crew, opens_at: datetime,
    by: User, now: datetime,
) -> Campaign:  # fmt: skip
    """From ``opens_at`` the homes of a building can book. Opened before: its minute is changed.

    Raises ``no_times`` where the crew has no time that fits: too short, or noise where there is none.
    """
    policies.must_coordinate(by, project.estate_id)
    if item.project_id != project.pk or not item.is_in_homes:
        raise ActionError("wrong_item", _("Please choose work in the homes of this project."), field="item")
    if not project.parts.filter(building=building).exists():
        raise ActionError("not_in_project", _("This building does not take part."), field="building")
    if crew.resource.estate_id != project.estate_id:
        raise ActionError("wrong_crew", _("Please choose a crew of this estate."), field="crew")
    slots = crew.resource.slots.filter(starts_at__gt=now, is_closed=False)
    if not noise.fitting(item, slots, estate=project.estate_id):
        raise ActionError(
            "no_times",
            _("This crew has no time in which the work fits. Please look at its hours."),
            field="crew",
        )
    try:
        with transaction.atomic():
            campaign, is_new = Campaign.objects.get_or_create(
                item=item,
                building=building,
                crew=crew,
                defaults={"project": project, "opens_at": opens_at},
            )
            if not is_new and campaign.told_at is None:
                campaign.opens_at = opens_at
                campaign.save(update_fields=["opens_at"])
            live.changed(project.live_topic)
    except IntegrityError:  # a colleague opened it in this moment
        return Campaign.objects.get(item=item, building=building, crew=crew)
    return campaign


def set_stage(*, item: WorkItem, stage: str, by: User) -> None:
    """How far shared work is: planned, in work, finished."""
    policies.must_coordinate(by, item.project.estate_id)
    if stage not in WorkItem.Stage.values or item.is_in_homes:
        raise ActionError("wrong_stage", _("Please choose one."), field="stage")
    with transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(stage=stage)
        item.stage = stage
        live.changed(item.project.live_topic)


def add_shared_pictures(
    *,
    project: RenovationProject,
    item: WorkItem | None,
    shows: str,
    caption: str,
    uploads: Iterable[IO[bytes]],
    by: User,
    now: datetime,
) -> list[RenovationPicture]:
    """Drawings of the plan, or before and after of shared work; all of them or none."""
    policies.must_coordinate(by, project.estate_id)
    if shows not in RenovationPicture.Shows.values:
        raise ActionError("wrong_shows", _("Please say what the pictures show."), field="shows")
    if item is not None and (item.project_id != project.pk or item.is_in_homes):
        raise ActionError("wrong_item", _("Please choose shared work of this project."), field="item")
    if (item is None) != (shows == RenovationPicture.Shows.DRAWING):
        raise ActionError(
            "wrong_item", _("Before and after belong to a work item, drawings to none."), field="item"
        )
    uploads = list(uploads)
    if not uploads:
        raise ActionError("no_picture", _("Please choose at least one picture."), field="pictures")
    if project.pictures.filter(item=item, appointment=None).count() + len(uploads) > MAX_SHARED_PICTURES:
        raise ActionError("too_many_pictures", _("20 pictures are enough."), field="pictures")
    stored = pictures.store_all(uploads)
    with transaction.atomic():
        added = RenovationPicture.objects.bulk_create(
            RenovationPicture(
                project=project,
                item=item,
                key=one.key,
                width=one.width,
                height=one.height,
                shows=shows,
                caption=caption.strip(),
                added_by=by,
                at=now,
            )
            for one in stored
        )
        live.changed(project.live_topic)
    return added
