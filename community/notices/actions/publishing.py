"""When a notice goes out, and how it is taken back."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core import background
from community.core.errors import ActionError
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from community.notices import audiences, policies
from community.notices.actions.writing import must_be_near, must_end_after
from community.notices.models import Notice, NoticePart
from community.notifications import live, outbox

Status = Notice.Status
TELL = "community.notices.tasks.tell_of_notice"
AT_ONCE = 100
REASON_LENGTH = 200


@dataclass(frozen=True)
class Reach:
    """To whom a notice goes: homes, those of them in which somebody has an account, people, numbers."""

    homes: int
    homes_with_people: int
    people: int
    by_sms: int

    @property
    def homes_without(self) -> int:
        """In how many of the homes nobody is registered: nobody there is told."""
        return self.homes - self.homes_with_people


def homes_of(notice: Notice) -> "list[int]":
    """The keys of its homes; of a group that is not written to yet, as it is now."""
    if notice.scope == Notice.Scope.GROUP and notice.published_at is None:
        return list(audiences.homes_in(notice.estate, notice.group).values_list("pk", flat=True))
    return list(notice.homes().values_list("pk", flat=True))


def reach_of(notice: Notice) -> Reach:
    """Three queries. People who live in two of the homes count once."""
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
    """Somebody is there; and whoever sends out something urgent has seen how many homes it goes to."""
    count = len(homes_of(notice))
    if not count:
        raise ActionError("nobody", _("This notice is for no home. Please choose again."), field="scope")
    if notice.is_urgent and expected_homes != count:
        words = _("This urgent notice goes to %(count)d homes. Please confirm the number.")
        raise ActionError("confirm_homes", words % {"count": count}, field="homes")


def publish_notice(*, notice: Notice, by: User, now: datetime, expected_homes: int | None = None) -> None:
    """Publish it now. Published before: nothing happens.

    ``expected_homes``: how many homes the person was told that an urgent one goes to. Raises
    ``confirm_homes`` where it is another number by now.
    """
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.PUBLISHED:
        return
    must_end_after(notice.ends_at, now)
    _must_reach(notice, expected_homes)
    _put_out(notice, by=by, now=now)


def _put_out(notice: Notice, *, by: User | None, now: datetime) -> None:
    """The conditional update of the state decides who does it; what follows is in its transaction."""
    with transaction.atomic():
        move(notice, Status.PUBLISHED, by=by, now=now, published_at=now, told_at=None, told_upto=0)
        if notice.scope == Notice.Scope.GROUP:
            # Who is affected is said once: whoever books tomorrow was written to today.
            homes = Home.objects.filter(pk__in=audiences.homes_in(notice.estate, notice.group).values("pk"))
            rows = [NoticePart(notice=notice, home=home) for home in homes]
            NoticePart.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        live.notify_open_pages(notice.estate_topic, notice.live_topic)
        transaction.on_commit(lambda: background.queue(TELL, [(notice.pk,)]))


def schedule_notice(
    *, notice: Notice, publish_at: datetime, by: User, now: datetime, expected_homes: int | None = None
) -> None:
    """Publish it at a minute to come; scheduled before: at another minute."""
    policies.must_write(by, notice.estate_id)
    must_be_near(publish_at, "publish_at")
    if publish_at <= now:
        raise ActionError("in_the_past", _("Please choose a time to come."), field="publish_at")
    must_end_after(notice.ends_at, publish_at)
    _must_reach(notice, expected_homes)
    with transaction.atomic():
        if notice.status == Status.SCHEDULED:
            if not Notice.objects.filter(pk=notice.pk, status=Status.SCHEDULED).update(publish_at=publish_at):
                raise AlreadyMoved
            notice.publish_at = publish_at
        else:
            move(notice, Status.SCHEDULED, by=by, now=now, publish_at=publish_at)
        live.notify_open_pages(notice.live_topic)


def unschedule_notice(*, notice: Notice, by: User, now: datetime) -> None:
    """Make it a draft again; a draft stays one."""
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.DRAFT:
        return
    with transaction.atomic():
        move(notice, Status.DRAFT, by=by, now=now, publish_at=None)
        live.notify_open_pages(notice.live_topic)


def discard_notice(*, notice: Notice, by: User, now: datetime) -> None:
    """Throw a draft away; it stays in the books, out of the list. Thrown away before: nothing happens."""
    policies.must_write(by, notice.estate_id)
    if notice.status == Status.DISCARDED:
        return
    with transaction.atomic():
        move(notice, Status.DISCARDED, by=by, now=now)
        live.notify_open_pages(notice.live_topic)


def withdraw_notice(*, notice: Notice, reason: str, by: User, now: datetime) -> None:
    """Take it back: who opens it reads that it was withdrawn, and nobody is told any more.

    Not even those whose message was written already and only waits to be sent.
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
    """Publish what is scheduled for now or before; how many. One that moved meanwhile is left alone.

    What would reach nobody, or is over already, is a draft again, and its writer is told.
    """
    due = Notice.objects.due(now).select_related("estate", "written_by")
    return sweep_rows(
        due.order_by("publish_at", "pk")[:AT_ONCE],
        lambda notice: _publish_or_give_back(notice, now),
        failing="notices: %s could not be published",
    )


def _publish_or_give_back(notice: Notice, now: datetime) -> bool:
    """Whether it is out now."""
    with suppress(AlreadyMoved):
        if notice.is_over(now):
            _give_back(notice, "notice_over", now=now)
        elif not homes_of(notice):
            _give_back(notice, "notice_for_nobody", now=now)
        else:
            _put_out(notice, by=None, now=now)
            return True
    return False


def _give_back(notice: Notice, template: str, *, now: datetime) -> None:
    """A draft again, with word to whoever wrote it, each time that it comes to this."""
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
