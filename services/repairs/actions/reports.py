"""Reports of repairs, from the first answer until they are sent."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Delegation, StaffRole, User
from accounts.policies import homes_of
from community.core import clock, limits, pictures, recordings
from community.core.errors import ActionError, Forbidden, TooMany
from community.core.limit_table import EMERGENCY, EMERGENCY_NETWORK, EMERGENCY_STRANGER, REPORT
from community.core.recordings import Spoken
from community.core.transitions import record_first_status
from community.estates.models import Estate, Home, PublicPlace
from services.common.actions import raise_alarm
from services.common.references import next_reference
from services.repairs import policies
from services.repairs.actions.resident import MAX_RECORDINGS, MAX_WORDS
from services.repairs.actions.steps import notify_open_pages, start_clock, tell_resident
from services.repairs.models import Repair, RepairCategory, RepairDraft, RepairPicture, RepairRecording
from services.repairs.models.attachments import MAX_PICTURES_OF_REPORT


@dataclass(frozen=True)
class NewReport:
    """A new report for ``resident``; the home or place may be given now or asked later.

    ``key`` becomes the id of the draft; using it again returns the same draft.
    """

    resident: User
    estate: Estate
    category: RepairCategory
    key: UUID
    home: Home | None = None
    place: PublicPlace | None = None


def begin_report(report: NewReport, *, by: User, now: datetime) -> RepairDraft:
    """Creates a draft, or returns the one with the same key.

    Raises ``Forbidden`` if ``by`` may not report for the resident or did not begin that draft, and
    ``ActionError`` with the field for a wrong category, home or place.
    """
    resident, estate = report.resident, report.estate
    if not policies.may_report_for(by, resident, estate_id=estate.pk):
        raise Forbidden
    _check_where(resident, estate, report.home, report.place)
    _check_category(report.category, estate)
    draft, _is_new = RepairDraft.objects.get_or_create(
        pk=report.key,
        defaults={
            "estate": estate,
            "resident": resident,
            "begun_by": by,
            "home": report.home,
            "place": report.place,
            "category": report.category,
            "created_at": now,
        },
    )
    if draft.begun_by_id != by.pk:
        raise Forbidden
    return draft


def _check_category(category: RepairCategory, estate: Estate) -> None:
    if category.estate_id != estate.pk or not category.is_offered:
        raise ActionError("no_category", _("Please choose what is broken."), field="category")


def _check_where(resident: User, estate: Estate, home: Home | None, place: PublicPlace | None) -> None:
    if home is not None and not homes_of(resident).filter(pk=home.pk).exists():
        raise ActionError("not_your_home", _("Please choose one of your own homes."), field="home")
    if place is not None and place.estate_id != estate.pk:
        raise ActionError("not_your_place", _("Please choose a place of this estate."), field="place")


def answer_report(*, draft: RepairDraft, by: User, **answers: Any) -> None:
    """Stores the answers of a page: ``category``, ``home`` or ``place``, ``description``, ``suits``.

    Raises ``Forbidden``, and ``ActionError`` with the field for a wrong answer or if the report was sent
    already.
    """
    _check_open(draft, by)
    if "home" in answers or "place" in answers:
        answers = {"home": None, "place": None, **answers}
        _check_where(draft.resident, draft.estate, answers["home"], answers["place"])
    if len(answers.get("description", "")) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="description")
    if "category" in answers:
        _check_category(answers["category"], draft.estate)
    for name, value in answers.items():
        setattr(draft, name, value)
    draft.save(update_fields=list(answers))


def _check_open(draft: RepairDraft, by: User) -> None:
    if not policies.may_report_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    if draft.repair_id:
        raise ActionError("already_sent", _("This report was already sent."))


def add_picture_to_draft(
    *, draft: RepairDraft, by: User, upload: pictures.Upload, now: datetime
) -> RepairPicture:
    """Adds a picture to the draft, at most ``MAX_PICTURES_OF_REPORT``; one sent ahead is added once.

    Raises ``Forbidden``, ``ActionError`` (``too_many_pictures``, ``already_sent``) and ``PictureRefused``
    with the reason.
    """
    _check_open(draft, by)
    if isinstance(upload, pictures.Prepared) and (known := draft.pictures.filter(key=upload.key).first()):
        return known
    if draft.pictures.count() >= MAX_PICTURES_OF_REPORT:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_REPORT},
            field="pictures",
        )
    with pictures.storing([upload]) as [stored], transaction.atomic():
        return attach_stored_picture(draft=draft, by=by, stored=stored, now=now)


def attach_stored_picture(
    *, draft: RepairDraft, by: User, stored: pictures.StoredPicture, now: datetime
) -> RepairPicture:
    """Creates the row of a picture; the caller has stored its files and deletes them if the transaction
    fails.

    Raises ``Forbidden``, and ``ActionError`` if the report was sent already.
    """
    _check_open(draft, by)
    return RepairPicture.objects.create(
        draft=draft,
        repair_id=_repair_of(draft),
        key=stored.key,
        width=stored.width,
        height=stored.height,
        added_by=by,
        at=now,
    )


def _repair_of(draft: RepairDraft) -> int | None:
    """Returns the id of the repair if the report was sent while a file was uploaded: the file belongs to it
    then.
    """
    return RepairDraft.objects.select_for_update().values_list("repair_id", flat=True).get(pk=draft.pk)


def remove_picture_from_draft(*, draft: RepairDraft, picture: RepairPicture, by: User) -> None:
    """Deletes a picture of the draft, and its files after the commit. Repeating it changes nothing.

    Raises ``Forbidden``, and ``ActionError`` if the report was sent already.
    """
    _check_open(draft, by)
    with transaction.atomic():
        removed, _rows = draft.pictures.filter(pk=picture.pk, repair=None).delete()
        if removed:
            transaction.on_commit(lambda: pictures.discard(picture.key))


def add_recording_to_draft(*, draft: RepairDraft, by: User, spoken: Spoken, now: datetime) -> RepairRecording:
    """Adds a spoken message to the draft, at most ``MAX_RECORDINGS``; one that it has already is returned.

    Raises ``Forbidden``, ``ActionError`` (``too_many_recordings``, ``already_sent``) and
    ``recordings.RecordingRefused`` with the reason.
    """
    _check_open(draft, by)
    if isinstance(spoken.upload, recordings.StoredRecording) and (
        known := draft.recordings.filter(name=spoken.upload.name).first()
    ):
        return known
    if draft.recordings.count() >= MAX_RECORDINGS:
        raise ActionError(
            "too_many_recordings",
            _("%(most)s spoken messages are enough.") % {"most": MAX_RECORDINGS},
            field="recording",
        )
    with recordings.storing(spoken.upload, seconds=spoken.seconds) as stored, transaction.atomic():
        return RepairRecording.objects.create(
            draft=draft,
            repair_id=_repair_of(draft),
            added_by=by,
            at=now,
            **stored.take(),
        )


def remove_recording_from_draft(*, draft: RepairDraft, recording: RepairRecording, by: User) -> None:
    """Deletes a spoken message of the draft, and its file after the commit. Repeating it changes nothing.

    Raises ``Forbidden``, and ``ActionError`` if the report was sent already.
    """
    _check_open(draft, by)
    with transaction.atomic():
        removed, _rows = draft.recordings.filter(pk=recording.pk, repair=None).delete()
        if removed:
            transaction.on_commit(lambda: recordings.discard(recording.name))


def send_report(*, draft: RepairDraft, by: User, now: datetime) -> Repair:
    """Creates the repair of a draft once: repeated and simultaneous requests return the same one.

    An emergency raises the desk's alarm in the same transaction. Raises ``Forbidden``, and ``ActionError``
    with the field if an answer is missing or no longer fits.
    """
    if not policies.may_report_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    _check_complete(draft)
    with transaction.atomic():
        locked = RepairDraft.objects.select_for_update().get(pk=draft.pk)
        if locked.repair_id:
            draft.repair = Repair.objects.get(pk=locked.repair_id)
            return draft.repair
        repair = _create(draft, by=by, now=now)
        draft.repair = repair
        draft.save(update_fields=["repair"])
        draft.pictures.update(repair=repair)
        draft.recordings.update(repair=repair)
        start_clock(repair, now=now)
        tell_resident(repair, "repair_received", key=f"repair:{repair.pk}:received", now=now, by=None)
        notify_open_pages(repair)
    return repair


def _check_complete(draft: RepairDraft) -> None:
    if draft.category is None:
        raise ActionError("no_category", _("Please choose what is broken."), field="category")
    if draft.home is None and draft.place is None:
        raise ActionError("no_place", _("Please say where it is."), field="where")
    _check_category_fits(draft.category, draft.home)
    if draft.home is not None:
        _check_where(draft.resident, draft.estate, draft.home, None)


def _check_category_fits(category: RepairCategory, home: Home | None) -> None:
    """Checks that the category fits the place; an emergency fits any.

    The home says which lift is meant, so that the report of an emergency needs no second question.
    """
    wrong = RepairCategory.Where.PUBLIC if home is not None else RepairCategory.Where.HOME
    if category.where == wrong and not category.is_emergency:
        raise ActionError(
            "wrong_place", _("This kind of repair is for another place. Please choose again."), field="where"
        )


def _create(draft: RepairDraft, *, by: User, now: datetime) -> Repair:
    assert draft.category is not None
    repair = Repair(
        estate=draft.estate,
        resident=draft.resident,
        reported_by=by,
        category=draft.category,
        home=draft.home,
        place=draft.place,
        description=draft.description.strip(),
        suits=draft.suits,
        is_emergency=draft.category.is_emergency,
        created_at=now,
        status_changed_at=now,
        reference=next_reference(letter="R", estate=draft.estate, on=clock.today(now)),
    )
    repair.save()
    record_first_status(repair, by=by, now=now, on_behalf_of=draft.resident)
    if repair.is_emergency:
        repair.alarm = raise_alarm(
            estate=repair.estate,
            title=repair.category.name,
            place=str(repair.where),
            url=reverse("board_repair", args=[repair.pk]),
            by=by,
            now=now,
        )
        repair.save(update_fields=["alarm"])
    return repair


def count_report(draft: RepairDraft, by: User, network: str) -> None:
    """Counts a report that is about to be sent; one that was sent already does not count.

    Emergencies have limits of their own, stricter for people without a home in the estate; its staff have
    none. Raises ``TooMany``, for an emergency with the number to call, since it may be a real one.
    """
    if draft.repair_id:
        return
    counted: list[limits.Counted] = [(REPORT, str(by.pk))]
    is_emergency = draft.category is not None and draft.category.is_emergency
    if is_emergency and not StaffRole.objects.held_by(by).filter(estate=draft.estate).exists():
        counted.append((EMERGENCY, str(by.pk)))
        if _is_stranger(by, draft.estate_id):
            counted += [(EMERGENCY_STRANGER, str(by.pk)), (EMERGENCY_NETWORK, network)]
    try:
        limits.hit_all(counted)
    except TooMany as error:
        if not is_emergency:
            raise
        words = _(
            "You have reported several emergencies; the desk was alarmed. For another one call %(phone)s."
        )
        raise TooMany(
            words % {"phone": draft.estate.desk_phone},
            retry_after=error.retry_after,
            phone=draft.estate.desk_phone,
        ) from error


def _is_stranger(user: User, estate_id: int) -> bool:
    """Whether the user has no home in this estate and is not the delegate of a resident of it."""
    of_estate = {"entrance__building__estate": estate_id}
    if homes_of(user).filter(**of_estate).exists():
        return False
    given = Delegation.objects.active().filter(
        delegate=user,
        resident__residencies__status="active",
        resident__residencies__home__entrance__building__estate=estate_id,
    )
    return not given.exists()


def discard_draft(draft: RepairDraft) -> None:
    """Deletes the draft, and its files after the commit. Files of a sent repair stay."""
    for picture in draft.pictures.filter(repair=None):
        transaction.on_commit(partial(pictures.discard, picture.key))
        picture.delete()
    for recording in draft.recordings.filter(repair=None):
        transaction.on_commit(partial(recordings.discard, recording.name))
        recording.delete()
    draft.delete()
