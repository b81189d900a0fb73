"""Publishes, schedules and withdraws notices."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core import background, changes
from community.core.errors import ActionError
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from community.notices import audiences, policies
from community.notices.actions.drafts import must_be_near, must_end_after
from community.notices.models import Notice, NoticePart
from community.notifications import live, outbox

Status = Notice.Status
TELL = "community.notices.tasks.tell_of_notice"
AT_ONCE = 100
# Time in which the end of a notice is told to open pages: twice the time between two runs of the task.
JUST_ENDED = timedelta(seconds=40)
REASON_LENGTH = 200


@dataclass(frozen=True)
class Reach:
    """Homes, homes with residents, people and SMS numbers that a notice reaches."""

    homes: int
    homes_with_people: int
    people: int
    by_sms: int

    @property
    def homes_without(self) -> int:
        """Number of homes without registered residents; the notice reaches no person there."""
        return self.homes - self.homes_with_people


def homes_of(notice: Notice) -> "list[int]":
    """Returns the keys of the notice's homes; a group's present homes while it is not published."""
    if notice.scope == Notice.Scope.GROUP and notice.published_at is None:
        return list(audiences.homes_in(notice.estate, notice.group).values_list("pk", flat=True))
    return list(notice.homes().values_list("pk", flat=True))


def reach_of(notice: Notice) -> Reach:
    """Counts what a notice reaches, in three queries. Residents of two of the homes count once."""
    if notice.scope == Notice.Scope.GROUP and notice.published_at is None:
        homes = audiences.homes_in(notice.estate, notice.group)
    else:
        homes = notice.homes()
    living = Residency.objects.active().filter(home__in=homes.values("pk"), user__is_active=True)
    people = dict(living.values_list("user", "user__phone_index"))
    numbers = sum(1 for number in people.values() if number) if notice.is_urgent else 0
    with_people = living.values("home").distinct().count()
    return Reach(homes.count(), with_people, len(people), numbers)


def _must_reach(notice: Notice, expected_homes: int | None) -> None:
    """Raises ``ActionError`` if the notice is for no home, or if ``expected_homes`` of an urgent one is out
    of date.
    """
    count = len(homes_of(notice))
    if not count:
        raise ActionError("nobody", _("This notice is for no home. Please choose again."), field="scope")
    if notice.is_urgent and expected_homes != count:
        words = _("This urgent notice goes to %(count)d homes. Please confirm the number.")
        raise ActionError("confirm_homes", words % {"count": count}, field="homes")


def publish_notice(*, notice: Notice, by: User, now: datetime, expected_homes: int | None = None) -> None:
    """Publishes a notice now. Repeating it changes nothing.

    ``expected_homes``: the number of homes that the page showed for an urgent notice. Raises ``Forbidden``,
    ``ActionError`` (``ends_before``, ``nobody``, and ``confirm_homes`` where the number changed) and
    ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.PUBLISHED:
        return
    must_end_after(notice.ends_at, now)
    _must_reach(notice, expected_homes)
    _publish(notice, by=by, now=now)


def _publish(notice: Notice, *, by: User | None, now: datetime) -> None:
    """Publishes in one transaction; the conditional update of the status decides between two requests."""
    with transaction.atomic():
        move(notice, Status.PUBLISHED, by=by, now=now, published_at=now, told_at=None, told_upto=0)
        if notice.scope == Notice.Scope.GROUP:
            # The group is stored now: homes that join it later were never written to.
            homes = Home.objects.filter(pk__in=audiences.homes_in(notice.estate, notice.group).values("pk"))
            rows = [NoticePart(notice=notice, home=home) for home in homes]
            with changes.covering(NoticePart):
                NoticePart.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        live.notify_open_pages(notice.estate_topic, notice.live_topic)
        transaction.on_commit(lambda: background.queue(TELL, [(notice.pk,)]))


def schedule_notice(
    *, notice: Notice, publish_at: datetime, by: User, now: datetime, expected_homes: int | None = None
) -> None:
    """Schedules a notice for ``publish_at``, or moves the time of a scheduled one.

    Raises ``Forbidden``, ``ActionError`` (``in_the_past``, ``far_off``, ``ends_before``, ``nobody``,
    ``confirm_homes``) and ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    must_be_near(publish_at, "publish_at")
    if publish_at <= now:
        raise ActionError("in_the_past", _("Please choose a time to come."), field="publish_at")
    must_end_after(notice.ends_at, publish_at)
    _must_reach(notice, expected_homes)
    with transaction.atomic():
        if notice.status == Status.SCHEDULED:
            with changes.covering(Notice):
                moved = Notice.objects.filter(pk=notice.pk, status=Status.SCHEDULED).update(
                    publish_at=publish_at
                )
            if not moved:
                raise AlreadyMoved
            notice.publish_at = publish_at
        else:
            move(notice, Status.SCHEDULED, by=by, now=now, publish_at=publish_at)
        live.notify_open_pages(notice.live_topic)


def unschedule_notice(*, notice: Notice, by: User, now: datetime) -> None:
    """Turns a scheduled notice back into a draft. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.DRAFT:
        return
    with transaction.atomic():
        move(notice, Status.DRAFT, by=by, now=now, publish_at=None)
        live.notify_open_pages(notice.live_topic)


def discard_notice(*, notice: Notice, by: User, now: datetime) -> None:
    """Discards a draft; the row stays, out of the list. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.DISCARDED:
        return
    with transaction.atomic():
        move(notice, Status.DISCARDED, by=by, now=now)
        live.notify_open_pages(notice.live_topic)


def withdraw_notice(*, notice: Notice, reason: str, by: User, now: datetime) -> None:
    """Withdraws a published notice: its page says so, and messages not yet sent are cancelled.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` for a missing or too long reason, and
    ``AlreadyMoved``.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.WITHDRAWN:
        return
    reason = reason.strip()
    if not reason:
        raise ActionError("reason_missing", _("Please say why."), field="reason")
    if len(reason) > REASON_LENGTH:
        words = _("This is too long. Please keep it under %(count)d characters.")
        raise ActionError("too_long", words % {"count": REASON_LENGTH}, field="reason")
    with transaction.atomic():
        move(notice, Status.WITHDRAWN, by=by, now=now, reason=reason)
        outbox.cancel_pending(notice.told_keys)
        live.notify_open_pages(notice.estate_topic, notice.live_topic)


def publish_due(now: datetime) -> int:
    """Publishes notices scheduled for ``now`` or earlier; returns how many.

    A notice that is over or is for no home becomes a draft again, and its writer is told. Notices that moved
    meanwhile are skipped.
    """
    due = Notice.objects.due(now).select_related("estate", "written_by")
    return sweep_rows(
        due.order_by("publish_at", "pk")[:AT_ONCE],
        lambda notice: _publish_or_return(notice, now),
        failing="notices: %s could not be published",
    )


def tell_of_ended(now: datetime) -> None:
    """Notifies the open pages of notices that have just ended, of each once or twice."""
    ended = Notice.objects.filter(status=Status.PUBLISHED, ends_at__gt=now - JUST_ENDED, ends_at__lte=now)
    live.notify_open_pages(*{topic for one in ended for topic in (one.estate_topic, one.live_topic)})


def _publish_or_return(notice: Notice, now: datetime) -> bool:
    """Returns whether the notice was published."""
    with suppress(AlreadyMoved):
        if notice.is_over(now):
            _return_to_draft(notice, "notice_over", now=now)
        elif not homes_of(notice):
            _return_to_draft(notice, "notice_for_nobody", now=now)
        else:
            _publish(notice, by=None, now=now)
            return True
    return False


def _return_to_draft(notice: Notice, template: str, *, now: datetime) -> None:
    """Turns the notice back into a draft and tells its writer, each time this happens."""
    with transaction.atomic():
        as_read = {"publish_at": notice.publish_at}
        step = move(notice, Status.DRAFT, by=None, now=now, only_if=as_read, publish_at=None)
        outbox.queue_message(
            notice.written_by,
            template,
            key=f"notice:{notice.pk}:back:{step.pk}",
            params={"title": notice.title},
            url=reverse("staff_notice", args=[notice.pk]),
            now=now,
        )
        live.notify_open_pages(notice.live_topic)
