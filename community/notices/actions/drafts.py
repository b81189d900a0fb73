"""Writes, edits and corrects notices."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import changes as row_changes
from community.core import typed_text
from community.core.dates import near
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Building, Entrance, Estate, Home
from community.notices import audiences, body, policies
from community.notices.models import Notice, NoticeChange, NoticePart
from community.notices.models.notices import BODY_LENGTH, TITLE_LENGTH
from community.notifications import live

# Longest input in characters: longer HTML is not written by hand, and cleaning it costs time.
LONGEST_SENT = 60_000
EMOJI_IN_TITLE, EMOJI_IN_BODY = 3, 20
TEXT, HTML = "text", "html"


@dataclass(frozen=True)
class Words:
    """Content of a notice. ``body`` is text with a few marks, or HTML, as ``written_as`` says."""

    title: str
    body: str
    written_as: str = TEXT
    kind: str = Notice.Kind.OTHER
    is_urgent: bool = False
    ends_at: datetime | None = None

    def cleaned(self) -> "Words":
        """Returns the content as it may be stored. Raises ``ActionError`` with the field."""
        if len(self.title) > LONGEST_SENT:
            raise _too_long("title", TITLE_LENGTH)
        title = " ".join(typed_text.clean(self.title).split())
        _check(title, "title", TITLE_LENGTH, EMOJI_IN_TITLE)
        if len(self.body) > LONGEST_SENT:
            raise _too_long("body", BODY_LENGTH)
        html = body.clean(self.body) if self.written_as == HTML else body.from_text(self.body)
        _check(body.plain(html), "body", BODY_LENGTH, EMOJI_IN_BODY)
        if self.kind not in Notice.Kind.values:
            raise ActionError("wrong_kind", _("Please choose one."), field="kind")
        must_be_near(self.ends_at, "ends_at")
        return replace(self, title=title, body=html, written_as=HTML)


def _check(text: str, name: str, longest: int, most_emoji: int) -> None:
    if not text:
        words = _("Please write a title.") if name == "title" else _("Please write the text.")
        raise ActionError("missing", words, field=name)
    if len(text) > longest:
        raise _too_long(name, longest)
    if not any(character.isalnum() for character in text):
        raise ActionError("no_words", _("Please say it in words."), field=name)
    if body.emoji_in(text) > most_emoji:
        words = _("Please use at most %(count)d emoji: a reading voice says each of them.")
        raise ActionError("too_many_emoji", words % {"count": most_emoji}, field=name)


def _too_long(name: str, longest: int) -> ActionError:
    words = _("This is too long. Please keep it under %(count)d characters.") % {"count": longest}
    return ActionError("too_long", words, field=name)


@dataclass(frozen=True)
class Audience:
    """Homes that a notice is for; only the field that belongs to ``scope`` is used."""

    scope: str = Notice.Scope.ESTATE
    buildings: list[Building] = field(default_factory=list)
    entrances: list[Entrance] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    group: str = ""

    def places(self) -> Iterable[tuple[str, Any]]:
        """Returns pairs of a field of ``NoticePart`` and a place."""
        chosen: dict[str, tuple[str, list[Any]]] = {
            Notice.Scope.BUILDINGS: ("building", self.buildings),
            Notice.Scope.ENTRANCES: ("entrance", self.entrances),
            Notice.Scope.HOMES: ("home", self.homes),
        }
        name, places = chosen.get(Notice.Scope(self.scope), ("", []))
        return [(name, place) for place in {place.pk: place for place in places}.values()]


def _checked(estate: Estate, audience: Audience) -> tuple[list[tuple[str, Any]], str]:
    """Returns the places and the name of the group. Raises ``ActionError`` with the field."""
    if audience.scope not in Notice.Scope.values:
        raise ActionError("wrong_scope", _("Please choose for whom it is."), field="scope")
    if audience.scope == Notice.Scope.ESTATE:
        return [], ""
    if audience.scope == Notice.Scope.GROUP:
        offered = {group.value: group.label for group in audiences.groups_in(estate)}
        if audience.group not in offered:
            raise ActionError("wrong_group", _("Please choose who is affected."), field="group")
        return [], offered[audience.group][:100]
    places = list(audience.places())
    if not places:
        raise ActionError("nobody", _("Please choose at least one."), field=audience.scope)
    if any(_estate_of(place) != estate.pk for _name, place in places):
        raise ActionError("other_estate", _("Please choose in this estate."), field=audience.scope)
    return places, ""


def _estate_of(place: Any) -> int:
    if isinstance(place, Building):
        return place.estate_id
    entrance = place if isinstance(place, Entrance) else place.entrance
    return int(entrance.building.estate_id)


def draft_notice(
    *, estate: Estate, words: Words, audience: Audience, by: User, key: UUID, now: datetime
) -> Notice:
    """Stores a draft once by ``key``, the single-use token of the page.

    Raises ``Forbidden``, ``ActionError`` with the field for wrong content, and ``key_used`` if the key
    belongs to a draft with other content or of another writer; nothing is lost then.
    """
    policies.must_write(by, estate.pk)
    words, (places, group_name) = words.cleaned(), _checked(estate, audience)
    written = _written(words, audience, group_name)
    with transaction.atomic():
        notice, is_new = Notice.objects.get_or_create(
            key=key,
            defaults={
                "estate": estate,
                "written_by": by,
                "created_at": now,
                "status_changed_at": now,
                **written,
            },
        )
        if not is_new and (notice.estate_id, notice.written_by_id) != (estate.pk, by.pk):
            raise ActionError("key_used", _("This was sent before. Please open the page again."))
        if not is_new and not _has_content(notice, written, places):
            raise ActionError(
                "key_used",
                _("This draft was kept before, with other words. What you sent now is not kept yet."),
            )
        if is_new:
            _set_places(notice, places)
            record_first_status(notice, by=by, now=now)
            live.notify_open_pages(notice.live_topic)
    return notice


def _written(words: Words, audience: Audience, group_name: str) -> dict[str, Any]:
    return {
        "title": words.title,
        "body": words.body,
        "kind": words.kind,
        "is_urgent": words.is_urgent,
        "ends_at": words.ends_at,
        "scope": audience.scope,
        "group": audience.group if audience.scope == Notice.Scope.GROUP else "",
        "group_name": group_name,
    }


def _set_places(notice: Notice, places: list[tuple[str, Any]]) -> None:
    notice.parts.all().delete()
    with row_changes.covering(NoticePart):
        NoticePart.objects.bulk_create(NoticePart(notice=notice, **{name: place}) for name, place in places)


def _has_content(notice: Notice, written: dict[str, Any], places: list[tuple[str, Any]]) -> bool:
    """Whether the notice already has this content and these places."""
    return all(getattr(notice, name) == value for name, value in written.items()) and _is_for(
        notice, written, places
    )


def _is_for(notice: Notice, written: dict[str, Any], places: list[tuple[str, Any]]) -> bool:
    """Whether the notice is already for these places."""
    if (notice.scope, notice.group) != (written["scope"], written["group"]):
        return False
    now_for = set(notice.parts.values_list("building", "entrance", "home"))
    names = ("building", "entrance", "home")
    return now_for == {tuple(place.pk if name == one else None for one in names) for name, place in places}


def edit_notice(*, notice: Notice, words: Words, audience: Audience, by: User, now: datetime) -> None:
    """Changes a notice that is not published.

    A scheduled notice that becomes urgent or is for other homes turns into a draft again, because its reach
    was confirmed when it was scheduled. Raises ``Forbidden``, ``ActionError`` with the field and
    ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status not in Notice.WRITABLE:
        raise AlreadyMoved
    words, (places, group_name) = words.cleaned(), _checked(notice.estate, audience)
    written = _written(words, audience, group_name)
    is_scheduled = notice.status == Notice.Status.SCHEDULED
    reaches_others = is_scheduled and (
        (words.is_urgent and not notice.is_urgent) or not _is_for(notice, written, places)
    )
    if is_scheduled and not reaches_others and notice.publish_at:
        must_end_after(words.ends_at, notice.publish_at)
    with transaction.atomic():
        with row_changes.covering(Notice):
            is_there = Notice.objects.filter(pk=notice.pk, status=notice.status).update(**written)
        if not is_there:
            raise AlreadyMoved
        _set_places(notice, places)
        for name, value in written.items():
            setattr(notice, name, value)
        if reaches_others:
            move(notice, Notice.Status.DRAFT, by=by, now=now, publish_at=None)
        live.notify_open_pages(notice.live_topic)


def must_be_near(moment: datetime | None, name: str) -> None:
    """Raises ``ActionError`` for a time that databases and calendars cannot represent."""
    if moment is not None and near(moment.date()) is None:
        raise ActionError("far_off", _("Please choose a date nearer to today."), field=name)


def must_end_after(ends_at: datetime | None, moment: datetime) -> None:
    """Raises ``ActionError`` if the notice ends at or before ``moment``."""
    if ends_at is not None and ends_at <= moment:
        raise ActionError("ends_before", _("The end must be after the publication."), field="ends_at")


def correct_notice(*, notice: Notice, words: Words, tell_again: bool, by: User, now: datetime) -> None:
    """Corrects a published notice, which then shows when; without a change nothing is written.

    ``tell_again`` sends new messages and counts the notice as unread. The homes stay as they are. A notice
    that is over can be corrected but not told again. Raises ``Forbidden``, ``ActionError`` with the field and
    ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    words = words.cleaned()
    said = {"title": words.title, "body": words.body, "kind": words.kind, "ends_at": words.ends_at}
    if all(getattr(notice, name) == value for name, value in said.items()) and not tell_again:
        return
    if tell_again or words.ends_at != notice.ends_at:
        must_end_after(words.ends_at, now)
    changes: dict[str, Any] = {**said, "corrected_at": now}
    if tell_again:
        changes |= {"edition": notice.edition + 1, "told_upto": 0, "told_at": None}
    with transaction.atomic():
        still = Notice.objects.filter(pk=notice.pk, status=Notice.Status.PUBLISHED, edition=notice.edition)
        with row_changes.of(notice):
            is_there = still.update(**changes)
        if not is_there:
            raise AlreadyMoved
        for name, value in changes.items():
            setattr(notice, name, value)
        out = Notice.Status.PUBLISHED
        NoticeChange.objects.create(notice=notice, from_status=out, to_status=out, actor=by, at=now)
        live.notify_open_pages(notice.estate_topic, notice.live_topic)
