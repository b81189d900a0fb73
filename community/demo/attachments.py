"""Pictures of the demo's repairs, and messages about them."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from community.core import pictures
from community.demo.catalogue import motif_of
from community.demo.drawings import HEIGHT, MOTIFS, WIDTH
from community.demo.repairs import Story
from community.notifications.models import InboxNotice, OutboxMessage
from services.common.models import Alarm
from services.repairs.actions.steps import message_params
from services.repairs.models import Repair, RepairChange, RepairPicture

Status, Shows = Repair.Status, RepairPicture.Shows

# Message to the resident by status, and whether it is sent by SMS too.
MESSAGES_BY_STATUS: dict[str, tuple[str, bool]] = {
    Status.NEW: ("repair_received", False),
    Status.ACCEPTED: ("repair_accepted", False),
    Status.ASSIGNED: ("repair_assigned", True),
    Status.IN_WORK: ("repair_started", False),
    Status.WAITING_FOR_PARTS: ("repair_waiting_parts", False),
    Status.WAITING_FOR_RESIDENT: ("repair_waiting_resident", True),
    Status.QUOTED: ("repair_quoted", True),
    Status.DONE: ("repair_done", True),
    Status.CLOSED: ("repair_closed", False),
    Status.DECLINED: ("repair_declined", True),
}
SMS_SINCE = timedelta(days=30)
UNREAD_SINCE = timedelta(days=2)
# Error codes of the gateway.
FAILURES = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL", "isv.OUT_OF_SERVICE")


def store_drawings() -> dict[tuple[str, bool], str]:
    """Stores each drawing once, through the same code as a resident's photograph; many rows share a key."""
    return {
        (name, mended): pictures.store(draw(mended=mended).jpeg()).key
        for name, draw in MOTIFS.items()
        for mended in (False, True)
    }


def add_pictures(stories: list[Story], keys: dict[tuple[str, bool], str], draw: Random) -> None:
    rows = []
    for story in stories:
        repair = story.repair
        motif = motif_of(repair.category)
        if draw.random() < 0.6 or repair.status not in Repair.FINISHED:
            rows.append(
                _picture(
                    repair, keys[motif, False], Shows.REPORT, repair.reported_by, repair.created_at, draw
                )
            )
        began = next((change for change in story.changes if change.to_status == Status.IN_WORK), None)
        done = next((change for change in story.changes if change.to_status == Status.DONE), None)
        if began and draw.random() < 0.7:
            rows.append(
                _picture(repair, keys[motif, False], Shows.BEFORE, _worker_of(story, began), began.at, draw)
            )
            if done:
                rows.append(
                    _picture(repair, keys[motif, True], Shows.AFTER, _worker_of(story, done), done.at, draw)
                )
    RepairPicture.objects.bulk_create(rows)


def _worker_of(story: Story, change: RepairChange) -> User:
    return story.workers[story.changes.index(change)] or story.repair.reported_by


def _picture(repair: Repair, key: str, shows: str, by: User, at: datetime, draw: Random) -> RepairPicture:
    number = UUID(int=draw.getrandbits(128), version=4)
    return RepairPicture(
        id=number, repair=repair, key=key, width=WIDTH, height=HEIGHT, shows=shows, added_by=by, at=at
    )


def fill_inboxes(stories: list[Story], now: datetime) -> None:
    """Fills the inboxes as the outbox would have, and the SMS of the last month."""
    notices: list[InboxNotice] = []
    sms: list[OutboxMessage] = []
    for story in stories:
        for change in story.changes:
            template, by_sms = MESSAGES_BY_STATUS.get(change.to_status, ("", False))
            if template and change.actor != story.repair.resident:
                notices.append(_notice(story, change, story.repair.resident, template, "repair", now))
                if by_sms and change.at > now - SMS_SINCE:
                    sms.append(_sms(story, change, template))
            worker = story.workers[story.changes.index(change)]
            if worker and change.to_status == Status.ASSIGNED and change.actor != worker:
                notices.append(_notice(story, change, worker, "job_assigned", "work_job", now))
    for message, error in zip(sms[-40::12], FAILURES, strict=False):
        message.status, message.error, message.sent_at = OutboxMessage.Status.FAILED, error, None
        message.tries = 5
    InboxNotice.objects.bulk_create(notices)
    OutboxMessage.objects.bulk_create(sms)


def _key(change: RepairChange) -> str:
    if change.to_status == Status.NEW:
        return f"repair:{change.repair_id}:received"
    return f"repair:{change.repair_id}:{change.pk}"


def _notice(
    story: Story, change: RepairChange, user: User, template: str, page: str, now: datetime
) -> InboxNotice:
    read = change.at + timedelta(hours=2) if change.at < now - UNREAD_SINCE else None
    return InboxNotice(
        user=user,
        key=_key(change),
        template=template,
        params=message_params(story.repair),
        url=reverse(page, args=[story.repair.pk]),
        created_at=change.at,
        read_at=read,
    )


def _sms(story: Story, change: RepairChange, template: str) -> OutboxMessage:
    return OutboxMessage(
        key=_key(change),
        channel=OutboxMessage.Channel.SMS,
        recipient=story.repair.resident,
        template=template,
        params=message_params(story.repair),
        status=OutboxMessage.Status.SENT,
        tries=1,
        next_try_at=change.at,
        created_at=change.at,
        sent_at=change.at + timedelta(seconds=2),
    )


def link_alarms(stories: list[Story]) -> None:
    """Links alarms to their repairs, which have their keys only now."""
    alarms = []
    for story in stories:
        if story.repair.alarm:
            story.repair.alarm.url = reverse("board_repair", args=[story.repair.pk])
            alarms.append(story.repair.alarm)
    Alarm.objects.bulk_update(alarms, ["url"])
