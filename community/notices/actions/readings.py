"""Records that a notice was read, or told at the door."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import homes_of
from community.core import changes
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.estates.models import Home
from community.notices import policies
from community.notices.models import DoorTold, Notice, NoticeReading
from community.notifications import actions as messages
from community.notifications import live
from community.notifications.models import InboxNotice


def read_notice(*, notice: Notice, by: User, now: datetime) -> bool:
    """Records that the person opened the notice, for each of their homes that it is for.

    Returns True if a row is new. A home that became theirs after the first reading counts from the next
    opening. Marks the notice's message in their inbox as read.
    """
    if notice.status != Notice.Status.PUBLISHED:
        return False
    known = NoticeReading.objects.filter(notice=notice, edition=notice.edition, reader=by)
    theirs = homes_of(by).filter(pk__in=notice.homes().values("pk"))
    homes = list(theirs.exclude(pk__in=known.values("home")))
    if not homes:
        return False
    with transaction.atomic():
        rows = [
            NoticeReading(notice=notice, edition=notice.edition, home=home, reader=by, at=now)
            for home in homes
        ]
        with changes.of(*rows):
            NoticeReading.objects.bulk_create(rows, ignore_conflicts=True)
        for message in InboxNotice.objects.filter(user=by, key=notice.told_key):
            messages.read_notice(notice=message, by=by, now=now)
        live.notify_open_pages(notice.live_topic, f"resident:{by.pk}")
    return True


def tell_at_door(*, notice: Notice, home: Home, by: User, now: datetime) -> None:
    """Records that staff told the notice at the door of a home. Repeating it changes nothing.

    Raises ``Forbidden``, ``AlreadyMoved`` unless it is published, and ``ActionError`` for a home that it is
    not for.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status != Notice.Status.PUBLISHED:
        raise AlreadyMoved
    if not notice.homes().filter(pk=home.pk).exists():
        raise ActionError("not_for_this_home", _("This notice is not for this home."), field="home")
    with transaction.atomic():
        row = DoorTold(notice=notice, edition=notice.edition, home=home, told_by=by, at=now)
        DoorTold.objects.bulk_create([row], ignore_conflicts=True)
        live.notify_open_pages(notice.live_topic)


def forget_door(*, notice: Notice, home: Home, by: User) -> None:
    """Removes a record of ``tell_at_door`` that was a mistake. Raises ``Forbidden``."""
    policies.must_write(by, notice.estate_id)
    with transaction.atomic():
        notice.doors_told.filter(edition=notice.edition, home=home).delete()
        live.notify_open_pages(notice.live_topic)
