"""Nobody has come: calling again, and asking those who went how it ended."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate, Home
from community.notifications.models import OutboxMessage
from services.common.models import Alarm
from services.help import actions
from services.help.models import HelpCall
from tests.factories import (
    make_delegation,
    make_help_call,
    make_home,
    make_residency,
    make_resident,
    make_staff,
    make_user,
)
from tests.services.help.pressing import press
from tests.services.repairs.api import Api

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
MINUTE = timedelta(minutes=1)


@pytest.fixture
def start() -> datetime:
    return clock.now() - timedelta(hours=5)


@pytest.fixture
def coming(elder: User, carer: User, desk: User, start: datetime) -> HelpCall:
    """Pressed five hours ago; the desk took it a minute later, and nobody has come."""
    call = press(elder, start)
    actions.take_call(call=call, by=desk, now=start + MINUTE)
    return call


def client_of(user: User, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    client.cookies["mode"] = mode
    return client


def html_of(user: User, url: str) -> str:
    answer = client_of(user).get(url)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def sms_to(user: User, template: str) -> int:
    return OutboxMessage.objects.filter(recipient=user, template=template, channel="sms").count()


def test_again__nobody_came__a_new_alarm_and_everybody_from_the_first_on(
    coming: HelpCall, elder: User, carer: User, desk: User, start: datetime
) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son)
    later = start + 15 * MINUTE
    assert press(elder, later) == coming
    call = HelpCall.objects.get()
    assert (call.status, call.responder, call.called_at) == ("calling", None, later)
    alarm = Alarm.objects.sounding().get()
    assert (call.alarm, alarm.title, alarm.raised_at) == (alarm, "王秀英", later)
    # The first on duty once more, who was to come too, and the family at once.
    assert [sms_to(one, "help_call") for one in (carer, desk)] == [2, 1]
    assert sms_to(son, "help_family") == 1
    actions.carry_out_due(later + MINUTE)
    assert sms_to(desk, "help_call") == 2
    assert sms_to(son, "help_family") == 1
    actions.carry_out_due(later + timedelta(hours=2))
    assert call.steps.filter(key__startswith="duty").count() == 1 + 30


def test_again__then_answered_and_ended__the_family_hears_it_once(
    coming: HelpCall, elder: User, carer: User, start: datetime
) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son)
    for minutes in (15, 30):
        call = press(elder, start + minutes * MINUTE)
        actions.take_call(call=call, by=carer, now=start + (minutes + 1) * MINUTE)
    actions.end_call(call=call, by=carer, outcome="helped", now=start + 40 * MINUTE)
    assert sms_to(son, "help_family") == 2
    assert sms_to(son, "help_ended") == 1
    assert [step.to_status for step in call.history.all()] == [
        *("calling", "coming", "calling", "coming", "calling", "coming", "ended")
    ]


def test_again__double_tap__once(coming: HelpCall, elder: User, start: datetime) -> None:
    for second in range(3):
        assert press(elder, start + 15 * MINUTE + timedelta(seconds=second)) == coming
    assert Alarm.objects.count() == 2
    assert HelpCall.objects.get().round == 2


def test_again__seen_by_two_at_once__the_second_finds_it_done(
    coming: HelpCall, elder: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = start + 15 * MINUTE
    stale = HelpCall.objects.with_people().get()
    press(elder, later)
    monkeypatch.setattr("services.help.actions.calls._open_call_of", lambda call: stale)
    assert press(elder, later) == coming
    assert Alarm.objects.sounding().count() == 1
    assert HelpCall.objects.get().round == 2


def test_again__ended_at_the_same_instant__is_a_new_call(
    coming: HelpCall, elder: User, desk: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [HelpCall.objects.with_people().get()]
    actions.end_call(call=coming, by=desk, outcome="helped", now=start + 14 * MINUTE)
    monkeypatch.setattr(
        "services.help.actions.calls._open_call_of", lambda call: found.pop() if found else None
    )
    assert press(elder, start + 15 * MINUTE) != coming
    assert Alarm.objects.sounding().count() == 1


@pytest.mark.parametrize("how", ["just answered", "another was just sent"])
def test_again__somebody_may_still_come__is_the_same_and_quiet(
    how: str, coming: HelpCall, elder: User, desk: User, carer: User, start: datetime
) -> None:
    minutes = 10
    if how == "another was just sent":
        minutes = 20
        actions.send_other(call=coming, by=desk, responder=carer, now=start + 12 * MINUTE)
    assert press(elder, start + minutes * MINUTE) == coming
    assert HelpCall.objects.get().status == "coming"
    assert not Alarm.objects.sounding().exists()


def test_again__all_were_told_and_nobody_answered__they_are_told_anew__one_alarm(
    elder: User, carer: User, start: datetime
) -> None:
    call = press(elder, start)
    press(elder, start + 20 * MINUTE)
    assert HelpCall.objects.get().round == 1
    actions.carry_out_due(start + 31 * MINUTE)
    told = sms_to(carer, "help_call")
    assert press(elder, start + 32 * MINUTE) == call
    assert sms_to(carer, "help_call") == told + 1
    actions.carry_out_due(start + 33 * MINUTE)
    assert sms_to(carer, "help_call") == told + 2
    assert Alarm.objects.sounding().count() == Alarm.objects.count() == 1


def test_again__from_another_home__the_alarm_says_where_they_are_now(
    coming: HelpCall, elder: User, estate: Estate, start: datetime
) -> None:
    second = make_home(estate=estate)
    make_residency(user=elder, home=second)
    call = press(elder, start + 15 * MINUTE, second, words="在二楼")
    assert (call, call.home, call.description) == (coming, second, "在二楼")
    assert Alarm.objects.sounding().get().place == str(second)


def test_again__has_moved_since__goes_to_the_new_home(
    coming: HelpCall, elder: User, estate: Estate, start: datetime
) -> None:
    elder.residencies.update(status="ended")
    new = make_home(estate=estate)
    make_residency(user=elder, home=new)
    assert press(elder, start + 15 * MINUTE).home == new
    assert Alarm.objects.sounding().get().place == str(new)


def test_again__from_another_estate__is_a_new_call_there(
    coming: HelpCall, elder: User, desk: User, start: datetime
) -> None:
    second = make_home()
    make_residency(user=elder, home=second)
    call = press(elder, start + 15 * MINUTE, second)
    assert (call.estate, call.status) == (second.estate, "calling")
    assert Alarm.objects.sounding().get().estate == second.estate
    coming.refresh_from_db()
    assert coming.status == "cancelled"
    assert sms_to(desk, "help_taken_back") == 1


def test_again__messages_fail__the_alarm_sounds_all_the_same(
    coming: HelpCall, elder: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("everything is on fire")

    monkeypatch.setattr("services.help.actions.calls.escalate_call", fail)
    press(elder, start + 15 * MINUTE)
    assert Alarm.objects.sounding().count() == 1


def test_again__a_drill__is_left_alone(estate: Estate, manager: User, carer: User, start: datetime) -> None:
    def practise(now: datetime) -> HelpCall:
        return actions.start_drill(by=manager, estate=estate, where=None, key=uuid4(), now=now)

    drill = practise(start)
    actions.take_call(call=drill, by=carer, now=start + MINUTE)
    assert practise(start + timedelta(hours=1)) == drill
    assert HelpCall.objects.get().status == "coming"


def test_take_back__counts_from_the_second_press(coming: HelpCall, elder: User, start: datetime) -> None:
    call = press(elder, start + 15 * MINUTE)
    actions.cancel_call(call=call, by=elder, now=start + 20 * MINUTE)
    assert HelpCall.objects.get().status == "cancelled"


def test_page__button_when_nobody_came__and_the_day_where_it_is_not_today(
    elder: User, home: Home, carer: User
) -> None:
    now, wife = clock.now(), make_resident(home=home, kind="family")
    wife.residencies.update(status_changed_at=now - timedelta(days=9))
    call = make_help_call(resident=elder, home=home, status="coming", created_at=now - 9 * MINUTE)
    url = f"/help/{call.pk}/"
    assert "再叫一次" not in html_of(elder, url)
    yesterday = now - timedelta(days=1)
    HelpCall.objects.update(created_at=yesterday, answered_at=yesterday, status_changed_at=yesterday)
    html = html_of(elder, url)
    local = clock.local(yesterday)
    assert "没人来，再叫一次" in html
    assert f"{local.month}月{local.day}日 周" in html
    # Whoever lives there but may not call for them has no such button.
    assert "再叫一次" not in html_of(wife, url)
    answer = client_of(elder, "large").post("/help/call/", {"for": elder.pk}, follow=True)
    assert "已叫人" in answer.content.decode()
    assert Alarm.objects.sounding().count() == 1
    html = html_of(elder, url)
    assert "没人来，再次求助" in html
    assert "再叫一次" not in html


def test_api__again__the_same_call_calling(elder: User, home: Home, carer: User) -> None:
    long_ago = clock.now() - timedelta(hours=1)
    call = make_help_call(resident=elder, home=home, status="coming", created_at=long_ago)
    api = Api(elder)
    assert api.get(f"help-calls/{call.pk}/").json()["verbs"] == ["call_again"]
    answer = api.post("help-calls/")
    assert (answer.status_code, answer.json()["id"]) == (200, call.pk)
    assert (answer.json()["status"], answer.json()["responder"]) == ("calling", None)
    assert answer.json()["verbs"] == ["cancel_call"]


def asked(user: User) -> int:
    return sms_to(user, "help_unfinished")


def test_remind__no_outcome__who_goes_and_the_desk__once_in_thirty_minutes__four_times(
    elder: User, carer: User, desk: User, manager: User, start: datetime
) -> None:
    call = press(elder, start)
    actions.take_call(call=call, by=desk, responder=carer, now=start)
    due = [(29, 0), (30, 1), (45, 1), (60, 2), (90, 3), (120, 4), (150, 4), (280, 4)]
    for minutes, times in due:
        for _look in range(2):
            actions.carry_out_due(start + minutes * MINUTE)
        assert [asked(carer), asked(desk), asked(manager)] == [times, times, 0], minutes
    assert "已催问结果：冯桂兰" in html_of(desk, f"/staff/help/{call.pk}/")


def test_remind__another_was_sent__their_clock_begins_anew(
    coming: HelpCall, carer: User, desk: User, start: datetime
) -> None:
    actions.carry_out_due(start + 32 * MINUTE)
    assert [asked(desk), asked(carer)] == [1, 0]
    actions.send_other(call=coming, by=desk, responder=carer, now=start + 40 * MINUTE)
    actions.carry_out_due(start + 65 * MINUTE)
    assert [asked(desk), asked(carer)] == [1, 0]
    actions.carry_out_due(start + 70 * MINUTE)
    assert [asked(desk), asked(carer)] == [2, 1]


def test_remind__everybody_slept__once(coming: HelpCall, desk: User, start: datetime) -> None:
    actions.carry_out_due(start + timedelta(days=3))
    actions.carry_out_due(start + timedelta(days=3, hours=1))
    assert asked(desk) == 1


@pytest.mark.parametrize("how", ["ended", "taken back", "drill"])
def test_remind__over_or_a_drill__nobody(
    how: str, coming: HelpCall, elder: User, desk: User, start: datetime
) -> None:
    if how == "ended":
        actions.end_call(call=coming, by=desk, outcome="helped", now=start + 2 * MINUTE)
    elif how == "taken back":
        actions.cancel_call(call=coming, by=elder, now=start + 2 * MINUTE)
    else:
        HelpCall.objects.update(is_drill=True)
    actions.carry_out_due(start + timedelta(hours=1))
    assert asked(desk) == 0


def test_remind__after_ten_minutes__open_pages_hear_that_one_may_call_again(
    coming: HelpCall, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[HelpCall] = []
    monkeypatch.setattr("services.help.actions.escalation.notify_open_pages", heard.append)
    for minutes in (10, 11, 12, 20):
        actions.carry_out_due(start + minutes * MINUTE)
    assert heard == [coming]


def test_staff_page__no_outcome_for_long__stands_before_those_on_the_way__said_in_words(
    estate: Estate, desk: User
) -> None:
    now = clock.now()

    def make(status: str, minutes: int) -> HelpCall:
        home = make_home(estate=estate)
        return make_help_call(home=home, status=status, created_at=now - minutes * MINUTE)

    on_the_way, overdue = make("coming", 29), make("coming", 31)
    taken_back, calling = make("cancelled", 40), make("calling", 1)
    page = client_of(desk).get("/staff/help/")
    assert page.context["open_calls"] == [calling, overdue, taken_back, on_the_way]
    assert page.content.decode().count("超时未登记结果") == 1
    assert "至今没有登记结果" in html_of(desk, f"/staff/help/{overdue.pk}/")
    assert "至今没有登记结果" not in html_of(desk, f"/staff/help/{on_the_way.pk}/")


def test_remind__no_front_desk__the_manager(elder: User, manager: User, start: datetime) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=elder.residencies.get().home.entrance.building.estate)
    call = press(elder, start)
    actions.take_call(call=call, by=manager, responder=worker, now=start)
    actions.carry_out_due(start + 30 * MINUTE)
    assert [asked(manager), asked(worker)] == [1, 1]
