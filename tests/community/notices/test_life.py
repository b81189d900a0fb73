"""A notice from the draft to its end: written once, out once, told once, put right in the open."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Residency
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notices import actions, home_states, tasks
from community.notices.actions import Audience, Words
from community.notices.home_states import ReadState
from community.notices.models import Notice
from community.notifications.models import OutboxMessage
from tests.community.notices.street import WORDS, Role, Street, tell
from tests.factories import make_notice, make_resident, make_staff

pytestmark = pytest.mark.django_db
Status = Notice.Status


def told(notice: Notice, channel: str = "inbox") -> list[int]:
    rows = OutboxMessage.objects.filter(key__startswith=f"notice:{notice.pk}:", channel=channel)
    return sorted(rows.values_list("recipient", flat=True))


# -- Writing


def test_draft__sent_twice__is_one_and_seen_by_nobody(street: Street) -> None:
    resident, key = make_resident(home=street.home), uuid4()
    first = street.draft(key=key)
    assert street.draft(key=key) == first
    assert Notice.objects.count() == 1
    assert first.history.count() == 1
    assert not Notice.objects.visible_to(resident).exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DISPATCHER, Role.CASHIER, Role.REPAIR_WORKER])
def test_draft__by_other_staff__is_forbidden(street: Street, role: str) -> None:
    with pytest.raises(Forbidden):
        street.draft(by=make_staff(role=role, estate=street.estate))
    with pytest.raises(Forbidden):
        street.draft(by=make_staff(role=Role.MANAGER))
    assert not Notice.objects.exists()


def test_edit__of_what_is_out__is_refused(street: Street) -> None:
    notice = street.draft()
    seen_before = Notice.objects.get(pk=notice.pk)
    street.publish(notice)
    with pytest.raises(AlreadyMoved):
        actions.edit_notice(
            notice=seen_before, words=WORDS, audience=Audience(), by=street.clerk, now=clock.now()
        )


def scheduled(street: Street) -> Notice:
    notice = street.draft(audience=Audience(scope=Notice.Scope.HOMES, homes=[street.home]))
    at = clock.now() + timedelta(hours=1)
    actions.schedule_notice(notice=notice, publish_at=at, by=street.clerk, now=clock.now())
    return notice


@pytest.mark.parametrize("change", ["urgent", "estate", "home"])
def test_edit__of_what_is_scheduled__to_more_or_urgent__is_a_draft_again(street: Street, change: str) -> None:
    notice = scheduled(street)
    at = notice.publish_at
    homes = Audience(scope=Notice.Scope.HOMES, homes=[street.home])
    audience = {
        "urgent": homes,
        "estate": Audience(),
        "home": Audience(scope=Notice.Scope.HOMES, homes=[street.home, street.next_door]),
    }[change]
    words = Words(title=WORDS.title, body=WORDS.body, is_urgent=change == "urgent")
    actions.edit_notice(notice=notice, words=words, audience=audience, by=street.clerk, now=clock.now())
    assert notice.status == Status.DRAFT
    assert actions.publish_due(at) == 0  # type: ignore[arg-type]
    notice.refresh_from_db()
    assert (notice.status, notice.publish_at) == (Status.DRAFT, None)


def test_edit__of_what_is_scheduled__words_only__stays_scheduled(street: Street) -> None:
    notice = scheduled(street)
    homes = Audience(scope=Notice.Scope.HOMES, homes=[street.home])
    words = Words(title="后天停水", body=WORDS.body)
    actions.edit_notice(notice=notice, words=words, audience=homes, by=street.clerk, now=clock.now())
    notice.refresh_from_db()
    assert (notice.status, notice.title) == (Status.SCHEDULED, "后天停水")


def test_edit__while_a_colleague_schedules_it__is_refused(street: Street) -> None:
    notice = street.draft()
    seen_before = Notice.objects.get(pk=notice.pk)
    at = clock.now() + timedelta(hours=1)
    actions.schedule_notice(notice=notice, publish_at=at, by=street.clerk, now=clock.now())
    urgent = Words(title="爆管", body="马上关阀。", is_urgent=True)
    with pytest.raises(AlreadyMoved):
        actions.edit_notice(
            notice=seen_before, words=urgent, audience=Audience(), by=street.clerk, now=clock.now()
        )


# -- Out once, told once


def test_publish__again__does_nothing(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = street.draft()
    street.publish(notice)
    street.publish(notice)
    assert told(notice) == [resident.pk]
    assert [row.to_status for row in notice.history.all()] == [Status.DRAFT, Status.PUBLISHED]


def test_publish__urgent__asks_for_the_number_of_homes_and_sends_sms(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = street.draft(words=Words(title="爆管", body="马上关阀。", is_urgent=True))
    for wrong in (None, 2):
        with pytest.raises(ActionError) as refused:
            street.publish(notice, expected_homes=wrong)
        assert refused.value.code == "confirm_homes"
    assert not told(notice)
    street.publish(notice, expected_homes=3)
    assert told(notice, "sms") == [resident.pk]


def test_publish__not_urgent__sends_no_sms(street: Street) -> None:
    make_resident(home=street.home)
    street.publish(notice := street.draft())
    assert told(notice)
    assert not told(notice, "sms")


def test_due__twice_or_by_two__is_out_once_and_told_once(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = street.draft()
    at = clock.now() + timedelta(hours=1)
    actions.schedule_notice(notice=notice, publish_at=at, by=street.clerk, now=clock.now())
    assert actions.publish_due(at - timedelta(seconds=1)) == 0
    assert actions.publish_due(at) == 1
    assert actions.publish_due(at) == 0
    for _time in range(3):
        tasks.publish_due_notices()
        tasks.tell_of_notice(notice.pk)
    notice.refresh_from_db()
    assert (notice.status, notice.published_at) == (Status.PUBLISHED, at)
    assert notice.told_at is not None
    assert told(notice) == [resident.pk]
    assert notice.history.filter(to_status=Status.PUBLISHED).count() == 1


def test_due__over_before_anything_ran__is_a_draft_again_and_its_writer_is_told(street: Street) -> None:
    now = clock.now()
    notice = street.draft(words=Words(title="停水", body="两小时", ends_at=now + timedelta(hours=2)))
    actions.schedule_notice(notice=notice, publish_at=now + timedelta(hours=1), by=street.clerk, now=now)
    for _time in range(2):
        assert actions.publish_due(now + timedelta(hours=3)) == 0
    assert is_back(notice)
    assert told(notice) == [street.clerk.pk]


def test_due__group_empty_by_now__is_a_draft_again_and_its_writer_is_told(
    street: Street, affected: list[int]
) -> None:
    notice = street.draft(audience=Audience(scope=Notice.Scope.GROUP, group="test:1"))
    at = clock.now() + timedelta(hours=1)
    actions.schedule_notice(notice=notice, publish_at=at, by=street.clerk, now=clock.now())
    affected.clear()
    assert actions.publish_due(at) == 0
    assert is_back(notice)
    assert told(notice) == [street.clerk.pk]
    # Scheduled again and empty again: told again.
    affected.append(street.home.pk)
    later = at + timedelta(hours=1)
    actions.schedule_notice(notice=notice, publish_at=later, by=street.clerk, now=at)
    affected.clear()
    assert actions.publish_due(later) == 0
    assert told(notice) == [street.clerk.pk] * 2


def is_back(notice: Notice) -> bool:
    notice.refresh_from_db()
    return (notice.status, notice.publish_at, notice.published_at) == (Status.DRAFT, None, None)


def test_tell__killed_between_batches__goes_on_where_it_stood(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(make_resident(home=street.home).pk for _n in range(7))
    notice = street.draft()
    actions.publish_notice(notice=notice, by=street.clerk, now=clock.now())
    assert actions.notify_next_batch(notice.pk, now=clock.now(), size=3)
    with monkeypatch.context() as broken:
        broken.setattr("community.notifications.outbox.queue_messages", _killed)
        with pytest.raises(SystemExit):
            actions.notify_next_batch(notice.pk, now=clock.now(), size=3)
    assert told(notice) == people[:3]
    assert actions.notices_to_resume(clock.now()) == [notice.pk]
    while actions.notify_next_batch(notice.pk, now=clock.now(), size=3):
        pass
    assert told(notice) == people
    assert actions.notices_to_resume(clock.now()) == []


def _killed(*args: object, **kwargs: object) -> None:
    raise SystemExit


def test_tell__over_before_all_were_told__nobody_more_is_told(street: Street) -> None:
    people = sorted(make_resident(home=street.home).pk for _n in range(4))
    now = clock.now()
    words = Words(title="停水", body="到十二点", is_urgent=True, ends_at=now + timedelta(hours=3))
    notice = street.draft(words=words)
    actions.publish_notice(notice=notice, by=street.clerk, now=now, expected_homes=3)
    assert actions.notify_next_batch(notice.pk, now=now, size=2)
    assert actions.notices_to_resume(words.ends_at) == [notice.pk]  # type: ignore[arg-type]
    assert not actions.notify_next_batch(notice.pk, now=words.ends_at, size=2)  # type: ignore[arg-type]
    assert told(notice) == told(notice, "sms") == people[:2]
    assert actions.notices_to_resume(words.ends_at) == []  # type: ignore[arg-type]


def test_tell__of_many__takes_no_query_a_person(street: Street) -> None:
    def queries(count: int) -> int:
        for _n in range(count):
            make_resident(home=street.home)
        notice = street.draft()
        actions.publish_notice(notice=notice, by=street.clerk, now=clock.now())
        with CaptureQueriesContext(connection) as found:
            tell(notice)
        return len(found)

    assert queries(2) == queries(60)


def test_withdrawn__while_it_is_told__nobody_more_is_told(street: Street) -> None:
    people = sorted(make_resident(home=street.home).pk for _n in range(4))
    notice = street.draft()
    actions.publish_notice(notice=notice, by=street.clerk, now=clock.now())
    actions.notify_next_batch(notice.pk, now=clock.now(), size=2)
    OutboxMessage.objects.filter(recipient=people[0]).update(status=OutboxMessage.Status.SENT)
    actions.withdraw_notice(notice=notice, reason="改期", by=street.clerk, now=clock.now())
    tell(notice)
    # What was sent stays on record; what still waited never goes out.
    assert told(notice) == people[:1]
    resident = Residency.objects.first().user  # type: ignore[union-attr]
    assert Notice.objects.visible_to(resident).filter(status=Status.WITHDRAWN).exists()
    assert not Notice.objects.visible_to(resident).current(clock.now()).exists()


def test_over__is_not_current_any_more(street: Street) -> None:
    now = clock.now()
    make_notice(estate=street.estate, ends_at=now + timedelta(hours=1))
    assert Notice.objects.current(now).exists()
    assert not Notice.objects.current(now + timedelta(hours=1)).exists()


# -- Corrections


def test_correct__says_when__and_told_again_asks_to_be_read_again(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = street.draft()
    street.publish(notice)
    actions.read_notice(notice=notice, by=resident, now=clock.now())
    changed = Words(title="后天停水", body=WORDS.body)
    actions.correct_notice(notice=notice, words=changed, tell_again=False, by=street.clerk, now=clock.now())
    notice.refresh_from_db()
    assert notice.corrected_at is not None
    seen = Notice.objects.visible_to(resident).marked_read(resident).get()
    assert (seen.title, seen.is_read) == ("后天停水", True)  # type: ignore[attr-defined]
    assert len(told(notice)) == 1
    actions.correct_notice(notice=notice, words=changed, tell_again=True, by=street.clerk, now=clock.now())
    tell(notice)
    assert told(notice) == [resident.pk, resident.pk]
    assert not Notice.objects.marked_read(resident).get().is_read  # type: ignore[attr-defined]
    assert [door.state for door in home_states.home_states(notice) if door.home == street.home] == [
        ReadState.UNREAD
    ]


def test_correct__over_by_now__can_be_put_right_but_is_not_told_again(street: Street) -> None:
    now = clock.now()
    words = Words(title="停水", body="到十二点", ends_at=now + timedelta(hours=3))
    notice, later = street.draft(words=words), now + timedelta(hours=5)
    street.publish(notice)
    put_right = replace(words, body="到十二点半")
    correct = partial(actions.correct_notice, notice=notice, by=street.clerk, now=later)
    with pytest.raises(ActionError) as refused:
        correct(words=put_right, tell_again=True)
    assert (refused.value.code, refused.value.field) == ("ends_before", "ends_at")
    correct(words=put_right, tell_again=False)
    assert (notice.edition, "十二点半" in notice.body) == (1, True)
    correct(words=replace(put_right, ends_at=later + timedelta(hours=1)), tell_again=True)
    assert notice.edition == 2


def test_correct__nothing_changed__is_no_correction(street: Street) -> None:
    notice = street.draft()
    street.publish(notice)
    actions.correct_notice(notice=notice, words=WORDS, tell_again=False, by=street.clerk, now=clock.now())
    notice.refresh_from_db()
    assert notice.corrected_at is None


def test_discard__draft__twice__stands_once_and_never_goes_out(street: Street) -> None:
    notice = street.draft()
    seen_before = Notice.objects.get(pk=notice.pk)
    for _again in range(2):
        actions.discard_notice(notice=notice, by=street.clerk, now=clock.now())
    assert [step.to_status for step in notice.history.all()] == ["draft", "discarded"]
    for act in (actions.publish_notice, actions.schedule_notice):
        late = {} if act is actions.publish_notice else {"publish_at": clock.now() + timedelta(hours=1)}
        with pytest.raises(AlreadyMoved):
            act(notice=seen_before, by=street.clerk, now=clock.now(), **late)


def test_discard__what_is_planned_or_out_or_anothers__is_refused(street: Street) -> None:
    planned, out, draft = scheduled(street), street.draft(), street.draft()
    street.publish(out)
    for notice in (planned, out):
        with pytest.raises(AlreadyMoved):
            actions.discard_notice(notice=notice, by=street.clerk, now=clock.now())
    with pytest.raises(Forbidden):
        actions.discard_notice(notice=draft, by=make_staff(role=Role.MANAGER), now=clock.now())
    assert not Notice.objects.filter(status=Status.DISCARDED).exists()


def test_every_state__can_be_reached() -> None:
    reached = {Status.DRAFT} | {to for step in Notice.TRANSITIONS.values() for to in step}
    assert reached == set(Status)
