"""Sends an urgent notice by SMS to people of the roster who have never signed in."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions import people_with_phones
from accounts.models import Residency, RosterEntry, User
from community.core import audit
from community.core.errors import ActionError
from community.notices import policies
from community.notices.body import in_words_only
from community.notices.models import Notice
from community.notifications import live, outbox
from community.notifications.models import OutboxMessage
from community.notifications.outbox import Letter


def entries_to_notify(notice: Notice) -> QuerySet[RosterEntry]:
    """Returns standing roster entries with a number whose holder has never signed in and got no SMS yet."""
    number = OuterRef("phone_index")
    known = User.objects.filter(phone_index=number).exclude(phone_verified_at=None)
    living = Residency.objects.active().filter(user__phone_index=number, home__in=notice.homes().values("pk"))
    told = OutboxMessage.objects.filter(
        key=notice.told_key, channel=OutboxMessage.Channel.SMS, recipient__phone_index=number
    )
    lines = RosterEntry.objects.standing().filter(home__in=notice.homes().values("pk"))
    listed = lines.exclude(phone_index=None).exclude(phone_index="")
    return listed.filter(~Exists(known), ~Exists(living), ~Exists(told))


def roster_numbers(notice: Notice) -> int:
    """Returns to how many different numbers ``send_to_roster`` would send."""
    return entries_to_notify(notice).order_by().values("phone_index").distinct().count()


def may_send_to_roster(notice: Notice, now: datetime) -> bool:
    """Whether the notice is urgent, published and not over; no other notice is sent by SMS."""
    return notice.is_urgent and notice.status == Notice.Status.PUBLISHED and not notice.is_over(now)


def send_to_roster(*, notice: Notice, by: User, expected_numbers: int | None, now: datetime) -> int:
    """Sends the urgent notice by SMS to roster numbers that never signed in; returns how many.

    ``expected_numbers``: the number that the page showed. Each number gets one SMS for each edition, however
    often this is called. Raises ``Forbidden`` and ``ActionError`` (``not_urgent``, and ``confirm_numbers``
    where the number changed).
    """
    policies.must_write(by, notice.estate_id)
    if not may_send_to_roster(notice, now):
        raise ActionError("not_urgent", _("Only an urgent notice that is out is sent by SMS."))
    with transaction.atomic():
        phones = dict(entries_to_notify(notice).values_list("phone_index", "phone"))
        if len(phones) != expected_numbers:
            words = _("It would be sent to %(count)d numbers now. Please confirm the number.")
            raise ActionError("confirm_numbers", words % {"count": len(phones)})
        params = {
            "title": notice.title,
            "estate": notice.estate.name,
            "short": in_words_only(notice.title),
        }
        url = reverse("notice", args=[notice.pk])
        people = people_with_phones(list(phones.values()))
        letters = [Letter(person, notice.told_key, params, url, sms=True) for person in people]
        outbox.queue_messages("notice_urgent", letters, now=now)
        if letters:
            detail: dict[str, Any] = {"edition": notice.edition, "numbers": len(letters)}
            audit.record("notice_roster_told", by=by, target=notice, estate_id=notice.estate_id, **detail)
            live.notify_open_pages(notice.live_topic)
    return len(letters)
