"""Nobody answers: the next on duty, the family, each step once, by a clock that is passed in."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate, Home
from community.notifications import delivery, live
from community.notifications.models import OutboxMessage
from services.help import actions, tasks
from services.help.actions import escalation
from services.help.models import HelpCall
from tests.factories import (
    make_delegation,
    make_help_call,
    make_resident,
    make_shift,
    make_staff,
    make_user,
    make_week_of_duty,
)

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def press(elder: User, now: datetime | None = None) -> HelpCall:
    return actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=now or clock.now())


def after(call: HelpCall, seconds: int) -> None:
    actions.carry_out_due(call.created_at + timedelta(seconds=seconds))


def told(call: HelpCall) -> list[tuple[str, User]]:
    return [(step.key.partition(":")[0], step.told) for step in call.steps.order_by("pk")]


@pytest.fixture
def second(estate: Estate, carer: User) -> User:
    person = make_staff(role=Role.REPAIR_WORKER, estate=estate, name="张卫东")
    make_week_of_duty(estate=estate, user=person, rank=2)
    return person


def test_escalation__minute_by_minute__the_next__and_after_the_first_the_family(
    elder: User, home: Home, carer: User, second: User, desk: User
) -> None:
    daughter, wife = make_user(), make_resident(home=home, kind="family")
    make_delegation(resident=elder, delegate=daughter, service="fees")
    call = press(elder)
    assert told(call) == [("duty", carer)]
    after(call, 59)
    assert told(call) == [("duty", carer)]
    after(call, 60)
    assert told(call)[1] == ("duty", second)
    assert {person for kind, person in told(call) if kind == "family"} == {daughter, wife}
    after(call, 120)
    assert told(call)[-1] == ("duty", desk)
    after(call, 180)
    assert told(call)[-1] == ("duty", carer)
    call.refresh_from_db()
    assert call.escalation_level == 4
    sms = OutboxMessage.objects.filter(channel="sms")
    assert sms.filter(recipient=daughter, template="help_family").count() == 1
    assert sms.filter(recipient=carer, template="help_call").count() == 2


def test_escalation__everybody_slept__catches_up_with_every_step(
    elder: User, carer: User, desk: User
) -> None:
    call = press(elder)
    after(call, 300)
    assert [person for _kind, person in told(call)] == [carer, desk, carer, desk, carer, desk]


def test_escalation__ends_after_half_an_hour(elder: User, carer: User) -> None:
    call = press(elder)
    after(call, 3 * 3600)
    assert call.steps.count() == escalation.MAX_LEVELS


@pytest.mark.parametrize("how", ["answered", "taken back"])
def test_escalation__answered_or_taken_back__stops(how: str, elder: User, carer: User, second: User) -> None:
    call = press(elder)
    if how == "answered":
        actions.take_call(call=call, by=carer, now=clock.now())
    else:
        actions.cancel_call(call=call, by=elder, now=clock.now())
    after(call, 600)
    assert told(call) == [("duty", carer)]


def test_escalation__answered_after_the_family_was_told__they_hear_who_comes_and_how_it_ended(
    elder: User, carer: User
) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son)
    call = press(elder)
    after(call, 60)
    actions.take_call(call=call, by=carer, now=clock.now())
    actions.end_call(call=call, by=carer, outcome="helped", now=clock.now())
    sms = OutboxMessage.objects.filter(channel="sms", recipient=son).order_by("pk")
    assert list(sms.values_list("template", flat=True)) == ["help_family", "help_coming", "help_ended"]


def test_escalation__who_called_for_her__is_not_told_of_their_own_call(elder: User, carer: User) -> None:
    son, daughter = make_user(), make_user()
    for child in (son, daughter):
        make_delegation(resident=elder, delegate=child)
    call = actions.raise_call(resident=elder, by=son, home=None, key=uuid4(), now=clock.now())
    after(call, 60)
    assert {person for kind, person in told(call) if kind == "family"} == {daughter}


def test_escalation__no_roster__goes_to_the_desk_then_the_manager(
    elder: User, desk: User, manager: User
) -> None:
    call = press(elder)
    after(call, 60)
    assert [person for kind, person in told(call) if kind == "duty"] == [desk, manager]


def test_escalation__nobody_works_here__is_recorded_and_breaks_nothing(elder: User) -> None:
    call = press(elder)
    after(call, 60)
    assert told(call)[:2] == [("duty", None), ("duty", None)]


def test_due__by_the_beat__and_again__nothing_twice(elder: User, carer: User, second: User) -> None:
    press(elder, clock.now() - timedelta(seconds=70))
    assert tasks.carry_out_due() == 1
    assert tasks.carry_out_due() == 0


@pytest.mark.parametrize("page", ["numbers", "alarm bar"])
def test_due__worker_dead__an_open_page_that_asks_carries_it_out(
    page: str, elder: User, desk: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "SECONDS_BETWEEN", 0.0)
    call = press(elder, clock.now() - timedelta(seconds=70))
    before = call.steps.count()
    call.steps.filter(key="duty:2").delete()
    client, asks = Client(), desk if page == "alarm bar" else elder
    client.force_login(asks)
    if page == "numbers":
        assert client.get("/live/numbers/", {"t": live.sign([call.live_topic], elder.pk)}).status_code == 200
    else:
        assert client.get(reverse("alarms")).status_code == 200
    assert call.steps.filter(key="duty:2").exists()
    assert call.steps.count() >= before


def test_due__something_is_wrong__the_page_that_asked_does_not_notice(
    elder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now: datetime) -> None:
        raise OSError

    monkeypatch.setattr(escalation, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(escalation, "carry_out_due", fail)
    client = Client()
    client.force_login(elder)
    assert client.get("/live/numbers/").status_code == 200


def test_due__many_are_through_or_drills__the_newest_in_earnest_is_not_kept_waiting(
    estate: Estate, home: Home, carer: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "MAX_CALLS", 2)
    now = clock.now()
    for hours in range(2, 6):
        through = make_help_call(home=home, created_at=now - timedelta(hours=hours))
        HelpCall.objects.filter(pk=through.pk).update(escalation_level=escalation.MAX_LEVELS)
        drill = make_help_call(home=home, is_drill=True, created_at=now - timedelta(minutes=hours))
    elder = make_resident(home=home)
    call = make_help_call(resident=elder, home=home, created_at=now - timedelta(seconds=70))
    actions.carry_out_due(now)
    assert told(call)[:2] == [("duty", carer), ("duty", second)]
    # The next looks come to the others.
    for _n in range(3):
        actions.carry_out_due(now)
    assert told(drill)[0] == ("duty", carer)
    assert not through.steps.exists()


def test_due__more_than_one_look_takes__the_rest_at_the_next(
    home: Home, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "MAX_CALLS", 2)
    now = clock.now()
    calls = [make_help_call(resident=make_resident(home=home), home=home) for _n in range(5)]
    for _look in range(3):
        actions.carry_out_due(now)
    assert all(told(call) == [("duty", carer)] for call in calls)


def test_due__one_call_goes_wrong__the_others_are_carried_out(
    home: Home, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, wrong = (make_help_call(resident=make_resident(home=home), home=home) for _n in range(2))
    real = escalation.escalate_call

    def escalate(call: HelpCall, now: datetime) -> int:
        if call == wrong:
            raise ValueError("nonsense in the row")
        return real(call, now)

    monkeypatch.setattr(escalation, "escalate_call", escalate)
    assert actions.carry_out_due(clock.now()) == 1
    assert told(older) == [("duty", carer)]


def test_due__one_person_cannot_be_told__the_next_and_the_family_are(
    elder: User, carer: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son)
    real = escalation.tell_staff

    def tell_staff(call: HelpCall, person: User, **how: object) -> None:
        if person == carer:
            raise ValueError("nonsense in the row")
        real(call, person, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(escalation, "tell_staff", tell_staff)
    call = press(elder)
    after(call, 60)
    assert told(call) == [("duty", second), ("family", son)]
    monkeypatch.undo()
    after(call, 65)
    assert told(call)[-1] == ("duty", carer)


def test_push__one_message_goes_wrong__the_others_are_sent(
    elder: User, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = press(elder)
    first = OutboxMessage.objects.filter(recipient=carer).order_by("pk")[0]
    real = delivery.deliver

    def deliver(pk: int, *, now: datetime) -> None:
        if pk == first.pk:
            raise ValueError("nonsense in the row")
        real(pk, now=now)

    monkeypatch.setattr(escalation.delivery, "deliver", deliver)
    actions.push_messages(call.created_at + timedelta(seconds=6))
    assert OutboxMessage.objects.filter(recipient=carer, status="sent").count() == 1


def test_push__workers_dead__sms_goes_out_from_the_page_that_asks(
    elder: User, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = press(elder)
    sms = OutboxMessage.objects.get(recipient=carer, channel="sms")
    assert (sms.status, sms.template) == ("pending", "help_call")
    actions.push_messages(call.created_at + timedelta(seconds=4))
    sms.refresh_from_db()
    assert sms.status == "pending"
    actions.push_messages(call.created_at + timedelta(seconds=6))
    sms.refresh_from_db()
    assert sms.status == "sent"
    assert not OutboxMessage.objects.exclude(status="sent").exists()


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_push__sender_died_in_the_middle__rather_twice_than_never(
    state: str, elder: User, carer: User
) -> None:
    call = press(elder)
    later = call.created_at + timedelta(seconds=90)
    cut = {"status": state, "claimed_until": call.created_at, "next_try_at": call.created_at, "tries": 1}
    OutboxMessage.objects.filter(channel="sms").update(**cut)
    actions.push_messages(later)
    sms = OutboxMessage.objects.get(recipient=carer, channel="sms")
    assert (sms.status, sms.tries) == ("sent", 2)


@pytest.mark.parametrize("state", ["sent", "sending"])
def test_push__a_worker_was_faster_since_it_looked__is_not_sent_again(
    state: str, elder: User, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = press(elder)
    later = call.created_at + timedelta(seconds=90)
    real = escalation._late_messages

    def late(now: datetime) -> object:
        found = list(real(now).values_list("pk", flat=True))
        OutboxMessage.objects.update(status=state, tries=1, claimed_until=later + timedelta(minutes=1))
        return OutboxMessage.objects.filter(pk__in=found)

    monkeypatch.setattr(escalation, "_late_messages", late)
    actions.push_messages(later)
    sms = OutboxMessage.objects.get(recipient=carer, channel="sms")
    assert (sms.status, sms.tries) == (state, 1)


def test_push__messages_of_others__are_the_workers(elder: User) -> None:
    call = make_help_call(resident=elder)
    OutboxMessage.objects.create(
        key="k",
        channel="sms",
        recipient=elder,
        template="repair_done",
        params={"what": "灯", "reference": "R"},
        next_try_at=call.created_at,
        created_at=call.created_at,
    )
    assert actions.push_messages(call.created_at + timedelta(minutes=1)) == 0


def test_duty__one_hour_only__others_are_not_asked_at_that_time(
    estate: Estate, elder: User, desk: User
) -> None:
    monday_3 = datetime(2026, 11, 23, 3, 0, tzinfo=clock.SHANGHAI)
    night = make_shift(estate=estate, weekday=0, starts=3, ends=4).user
    assert told(press(elder, monday_3)) == [("duty", night)]
