"""Everything that waits for a person (等您办), the nearest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import FamilyInvitation, User
from community.core import clock
from community.core.dates import moment_words
from community.core.moments import changes_at
from community.core.services.home import Waiting
from community.home.parts import homes_declared
from community.home.present import HANDED, TAKEN, WRITTEN, Present
from community.notices.queries import News
from community.notifications.messages import in_words
from community.notifications.models import InboxNotice

# Time for which a step that was handed over waits, and how many are listed.
HANDED_OVER_FOR, LISTED = timedelta(days=7), 5
# Order of what waits: what is urgent, who comes today, answers, who comes tomorrow.
URGENT, TODAY, ANSWER, TOMORROW = range(4)


@dataclass(frozen=True)
class Item:
    """Something that waits, with the whole sentence as the reader sees it; ``words`` name no other person."""

    sentence: str
    words: str
    about: str
    url: str
    icon: str
    is_urgent: bool
    order: tuple[int, datetime]
    resident_id: int | None


def items_for(
    user: User, now: datetime, *, found: Iterable[Waiting], news: News, context: Mapping[str, Any]
) -> list[Item]:
    """Returns everything that waits for the person, the nearest first.

    ``found`` are those of the matters, ``context`` what the parts of the home page know.
    """
    waiting = list(found)
    # Sorting is stable: what services call urgent, a call for help, comes before urgent notices.
    there: Present = context["there"]
    for number, home in enumerate(homes_declared()):
        waiting += there.waiting(number, home)
        if home.waiting:
            waiting += home.waiting(user, now, context)
    waiting += [*_urgent(news), *_of_family(there, is_asked=context["is_asked"]), *_handed_over(there)]
    # A child who helps from elsewhere has no home here to enter.
    is_helper = context["family"] or context["is_asked"]
    if not (context.get("home") or context["asked"] or is_helper or _is_invited(user)):
        waiting.append(Waiting(words=_("Please enter your home"), url=reverse("join"), icon="home"))
    items = [_item(one, user, now) for one in waiting if _is_near(one, now)]
    return sorted(items, key=lambda item: item.order)


def handed_over(user: User, now: datetime) -> QuerySet[InboxNotice]:
    """Returns the steps that relatives have handed over to this person and that they have not opened yet."""
    fresh = InboxNotice.objects.visible_to(user).unread().filter(template="handover")
    return fresh.filter(created_at__gt=now - HANDED_OVER_FOR)


def _handed_over(there: Present) -> list[Waiting]:
    found = list(there.found[HANDED][:LISTED]) if there.has(HANDED) else []
    for one in found:
        changes_at(one.created_at + HANDED_OVER_FOR)
    return [
        Waiting(
            words=in_words(one.template, one.params)[1],
            url=reverse("open_notice", args=[one.pk]),
            icon="family",
        )
        for one in found
    ]


def _is_invited(user: User) -> bool:
    """Whether the person has taken a relative's link that is not confirmed yet."""
    return FamilyInvitation.objects.to_confirm().filter(delegate=user).exists()


def _is_near(waiting: Waiting, now: datetime) -> bool:
    """Leaves out visits later than tomorrow: they have a card, and nothing to do yet."""
    return waiting.at is None or clock.today(waiting.at) <= clock.today(now) + timedelta(days=1)


def _item(waiting: Waiting, reader: User, now: datetime) -> Item:
    words = str(waiting.words)
    if waiting.at is not None:
        words = _("%(when)s: %(words)s") % {"when": moment_words(waiting.at, now), "words": words}
    resident, sentence = waiting.resident, words
    if resident is not None and resident.pk != reader.pk:
        sentence = _("%(who)s: %(words)s") % {"who": resident, "words": words}
    return Item(
        sentence=sentence,
        words=words,
        about=waiting.about,
        url=waiting.url,
        icon=waiting.icon,
        is_urgent=waiting.is_urgent,
        order=(_rank(waiting, now), waiting.at or now),
        resident_id=resident.pk if resident is not None else None,
    )


def _rank(waiting: Waiting, now: datetime) -> int:
    if waiting.is_urgent:
        return URGENT
    if waiting.at is None:
        return ANSWER
    return TODAY if clock.today(waiting.at) <= clock.today(now) else TOMORROW


def _urgent(news: News) -> list[Waiting]:
    """Returns urgent notices that the person has not read."""
    return [
        Waiting(
            words=_("Urgent: %(kind)s") % {"kind": notice.get_kind_display()},
            url=reverse("notice", args=[notice.pk]),
            icon="alert",
            is_urgent=True,
        )
        for notice in news.pinned
        if not notice.is_read  # type: ignore[attr-defined]
    ]


def _of_family(there: Present, *, is_asked: bool) -> list[Waiting]:
    """Returns offers to act for a person, and delegations of the own that the desk has written down."""
    url = reverse("family")
    waiting = []
    if is_asked:
        waiting.append(Waiting(words=_("Somebody asks you to help"), url=url, icon="family"))
    if there.has(TAKEN):
        waiting.append(Waiting(words=_("Family took your link: is it them?"), url=url, icon="family"))
    if there.has(WRITTEN):
        waiting.append(Waiting(words=_("May your family help you?"), url=url, icon="family"))
    return waiting
