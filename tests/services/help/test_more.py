"""Pressed once more while help is called for: another home, more words; whoever answers knows them at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate, Home
from community.notifications.models import LiveTopic, OutboxMessage
from services.common.actions import acknowledge_alarm
from services.common.alarms import heard_by
from services.common.models import Alarm
from services.help import actions
from services.help.actions import escalation
from services.help.models import HelpCall
from tests.factories import make_home, make_residency, make_staff, make_week_of_duty
from tests.services.help.pressing import press
from tests.services.repairs.api import Api

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
MINUTE = timedelta(minutes=1)


@pytest.fixture
def start() -> datetime:
    return clock.now() - timedelta(hours=1)


@pytest.fixture
def second(elder: User, estate: Estate) -> Home:
    """Their other home, in the same estate."""
    home = make_home(estate=estate)
    make_residency(user=elder, home=home)
    return home


@pytest.fixture
def far(elder: User) -> Home:
    """Their other home, in another estate."""
    home = make_home()
    make_residency(user=elder, home=home)
    return home


def places_told(user: User) -> list[str]:
    told = OutboxMessage.objects.filter(recipient=user, template="help_call", channel="sms").order_by("pk")
    return [params["place"] for params in told.values_list("params", flat=True)]


def html_of(user: User, url: str) -> str:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def number_of(topic: str) -> int:
    return LiveTopic.objects.get(name=topic).number


def test_more__another_home_before_anybody_answers__alarm_call_and_those_told_have_it(
    elder: User, home: Home, second: Home, carer: User, desk: User, manager: User, start: datetime
) -> None:
    make_week_of_duty(estate=home.estate, user=desk, rank=2)
    call = press(elder, start, home)
    actions.carry_out_due(start + MINUTE)
    before = number_of(call.live_topic), number_of(f"board:{call.estate_id}")
    since = call.status_changed_at
    assert press(elder, start + 2 * MINUTE, second) == call
    call = HelpCall.objects.get()
    assert (call.home, call.status, call.status_changed_at) == (second, "calling", since)
    assert Alarm.objects.get().place == str(second)
    assert places_told(carer)[:2] == places_told(desk)[:2] == [str(home), str(second)]
    assert (number_of(call.live_topic), number_of(f"board:{call.estate_id}")) > before
    html = html_of(manager, f"/staff/help/{call.pk}/")
    assert f"换了地方求助，现在在：{second}" in html
    assert str(home) not in html
    # Whoever is told later is told where they are now, and nobody hears the first home again.
    actions.carry_out_due(start + 4 * MINUTE)
    assert places_told(carer)[2:] == [str(second)]


def test_more__another_home_while_somebody_goes__who_goes_is_told_and_the_alarm_sounds_again(
    elder: User, home: Home, second: Home, carer: User, desk: User, start: datetime
) -> None:
    call = press(elder, start, home)
    actions.take_call(call=call, by=carer, now=start + MINUTE)
    assert press(elder, start + 2 * MINUTE, second) == call
    call = HelpCall.objects.get()
    assert (call.home, call.status, call.responder) == (second, "coming", carer)
    alarm = Alarm.objects.sounding().get()
    assert (alarm.place, alarm.help_call) == (str(second), call)
    assert places_told(carer) == [str(home), str(second)]
    # Who goes, and is at no desk, hears it too; taking it says that they know.
    assert [one.pk for one in heard_by(carer, start + 2 * MINUTE).alarms] == [alarm.pk]
    actions.take_call(call=call, by=carer, now=start + 3 * MINUTE)
    assert not Alarm.objects.sounding().exists()
    assert HelpCall.objects.get().history.count() == 3


def test_more__alarm_taken_at_the_desk_while_somebody_goes__is_quiet_and_they_still_go(
    elder: User, home: Home, second: Home, carer: User, desk: User, start: datetime
) -> None:
    call = press(elder, start, home)
    actions.take_call(call=call, by=carer, now=start + MINUTE)
    press(elder, start + 2 * MINUTE, second)
    acknowledge_alarm(alarm=Alarm.objects.sounding().get(), by=desk, now=start + 3 * MINUTE)
    assert (HelpCall.objects.get().status, HelpCall.objects.get().responder) == ("coming", carer)


def test_more__another_estate__taken_back_here_and_raised_there(
    elder: User, home: Home, far: Home, carer: User, start: datetime
) -> None:
    call = press(elder, start, home)
    actions.take_call(call=call, by=carer, now=start + MINUTE)
    there = press(elder, start + 2 * MINUTE, far)
    assert (there.estate, there.home, there.status) == (far.estate, far, "calling")
    assert Alarm.objects.sounding().get().estate == far.estate
    call.refresh_from_db()
    assert call.status == "cancelled"
    assert OutboxMessage.objects.filter(recipient=carer, template="help_taken_back").exists()


def test_more__words_of_the_desk_after_the_elder_pressed__are_kept_once(
    elder: User, home: Home, desk: User, manager: User, start: datetime
) -> None:
    call = press(elder, start, home)
    since, before = call.status_changed_at, number_of(call.live_topic)
    for seconds in (10, 20):
        assert (
            press(elder, start + timedelta(seconds=seconds), home, by=desk, words="说胸口疼\r\n门没锁")
            == call
        )
    press(elder, start + MINUTE / 2, by=desk, words="门口有狗")
    call = HelpCall.objects.get()
    assert call.description == "说胸口疼\r\n门没锁\n门口有狗"
    assert (call.status_changed_at, call.history.count()) == (since, 3)
    assert number_of(call.live_topic) == before + 2
    html = html_of(manager, f"/staff/help/{call.pk}/")
    assert "门口有狗" in html
    assert html.count("又补充了情况") == 2
    assert "没人来，再次求助" not in html


def test_more__the_same_home_without_words__changes_nothing(elder: User, home: Home, start: datetime) -> None:
    call = press(elder, start, home)
    before = number_of(call.live_topic)
    press(elder, start + MINUTE / 3, home)
    press(elder, start + MINUTE / 2)
    call.refresh_from_db()
    assert (call.additions, call.history.count(), call.home) == (0, 1, home)
    assert number_of(call.live_topic) == before


def test_more__answered_at_the_same_instant__who_goes_is_told_the_other_home(
    elder: User, home: Home, second: Home, carer: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = press(elder, start, home)
    stale = HelpCall.objects.with_people().get()
    actions.take_call(call=call, by=carer, now=start + MINUTE)
    monkeypatch.setattr("services.help.actions.calls._open_call_of", lambda _call: stale)
    press(elder, start + MINUTE, second, words="在卫生间")
    call = HelpCall.objects.get()
    assert (call.status, call.responder, call.home) == ("coming", carer, second)
    assert call.description == "在卫生间"
    assert places_told(carer) == [str(home), str(second)]
    assert Alarm.objects.sounding().get().place == str(second)


def test_more__two_at_the_same_instant__both_are_kept(
    elder: User, home: Home, second: Home, desk: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(elder, start, home)
    stale = HelpCall.objects.with_people().get()
    press(elder, start + MINUTE, by=desk, words="说头晕")
    monkeypatch.setattr("services.help.actions.calls._open_call_of", lambda _call: stale)
    press(elder, start + MINUTE, second, words="在卫生间")
    call = HelpCall.objects.get()
    assert (call.home, call.description) == (second, "说头晕\n在卫生间")


def test_more__said_before_it_was_called_again_at_the_same_instant__is_kept(
    elder: User, home: Home, second: Home, desk: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(elder, start, home)
    stale = HelpCall.objects.with_people().get()
    press(elder, start + 29 * MINUTE, second, by=desk, words="说头晕")
    monkeypatch.setattr("services.help.actions.calls._open_call_of", lambda _call: stale)
    press(elder, start + 31 * MINUTE)
    call = HelpCall.objects.get()
    assert (call.round, call.home, call.description) == (2, second, "说头晕")


def test_more__ended_at_the_same_instant__is_a_new_call_from_there(
    elder: User, home: Home, second: Home, desk: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = press(elder, start, home)
    actions.take_call(call=call, by=desk, now=start + MINUTE)
    found = [HelpCall.objects.with_people().get()]
    actions.end_call(call=call, by=desk, outcome="helped", now=start + 2 * MINUTE)
    monkeypatch.setattr(
        "services.help.actions.calls._open_call_of", lambda _call: found.pop() if found else None
    )
    new = press(elder, start + 2 * MINUTE, second)
    assert (new.home, new.status) == (second, "calling")
    assert new != call


@pytest.mark.parametrize("verb", ["take", "send another", "end"])
def test_more__another_home_was_said_since_the_page_was_read__is_refused_and_still_sounds(
    verb: str, elder: User, home: Home, second: Home, carer: User, desk: User, start: datetime
) -> None:
    call = press(elder, start, home)
    if verb != "take":
        actions.take_call(call=call, by=desk, now=start + MINUTE)
    stale = HelpCall.objects.with_people().get()
    press(elder, start + 2 * MINUTE, second)
    acts: dict[str, Callable[[], None]] = {
        "take": partial(actions.take_call, call=stale, by=desk, now=start + 3 * MINUTE),
        "send another": partial(
            actions.send_other, call=stale, by=desk, responder=carer, now=start + 3 * MINUTE
        ),
        "end": partial(actions.end_call, call=stale, by=desk, outcome="helped", now=start + 3 * MINUTE),
    }
    with pytest.raises(AlreadyMoved):
        acts[verb]()
    assert Alarm.objects.sounding().get().place == str(second)


def test_more__a_step_that_was_read_with_the_first_home__waits_for_the_next_look(
    elder: User, home: Home, second: Home, carer: User, desk: User, start: datetime
) -> None:
    make_week_of_duty(estate=home.estate, user=desk, rank=2)
    press(elder, start, home)
    stale = HelpCall.objects.with_people().get()
    press(elder, start + MINUTE / 2, second)
    assert escalation.escalate_call(stale, start + MINUTE) == 0
    actions.carry_out_due(start + MINUTE)
    assert places_told(desk) == [str(second)]


def test_more__one_cannot_be_told__the_home_is_kept_and_the_others_hear_it(
    elder: User,
    home: Home,
    second: Home,
    carer: User,
    desk: User,
    start: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_week_of_duty(estate=home.estate, user=desk, rank=2)
    press(elder, start, home)
    actions.carry_out_due(start + MINUTE)
    real = escalation.tell_staff

    def tell_staff(call: HelpCall, person: User, **how: object) -> None:
        if person == carer:
            raise ValueError("nonsense in the row")
        real(call, person, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(escalation, "tell_staff", tell_staff)
    press(elder, start + MINUTE, second)
    assert HelpCall.objects.get().home == second
    assert places_told(desk) == [str(home), str(second)]


def test_page_and_api__another_home__is_the_same_call_with_it(
    elder: User, home: Home, second: Home, desk: User
) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(elder)
    client.post("/help/call/", {"for": elder.pk, "home": home.pk, "key": str(uuid4())})
    call = HelpCall.objects.get()
    client.post("/help/call/", {"for": elder.pk, "home": second.pk, "key": str(call.key)})
    assert HelpCall.objects.get().home == second
    answer = Api(elder).post("help-calls/", home=home.pk)
    assert (answer.status_code, answer.json()["id"], answer.json()["home"]) == (200, call.pk, home.pk)
    assert [step["place"] for step in answer.json()["history"]] == ["", str(second), str(home)]


def test_more__who_is_sent_after_it__goes_to_the_other_home(
    elder: User, home: Home, second: Home, desk: User, start: datetime
) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=home.estate)
    press(elder, start, home)
    press(elder, start + MINUTE, second)
    call = HelpCall.objects.with_people().get()
    actions.take_call(call=call, by=desk, responder=worker, now=start + 2 * MINUTE)
    assert places_told(worker) == [str(second)]
