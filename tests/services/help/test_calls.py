"""Calling, answering, taking back, ending: what everybody sees of it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import StaffRole, User
from community.core import background, clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate, Home
from community.notifications import messages
from community.notifications.models import OutboxMessage
from services.common.actions import acknowledge_alarm
from services.common.models import Alarm
from services.help import actions
from services.help.models import HelpCall
from tests.factories import (
    make_delegation,
    make_entrance,
    make_home,
    make_residency,
    make_resident,
    make_user,
)

Status, Role = HelpCall.Status, StaffRole.Role
pytestmark = pytest.mark.django_db


def press(elder: User, home: Home | None = None, by: User | None = None, **given: object) -> HelpCall:
    key = given.pop("key", None) or uuid4()
    return actions.raise_call(resident=elder, by=by or elder, home=home, key=key, now=clock.now(), **given)


def templates_of(user: User) -> list[str]:
    told = OutboxMessage.objects.filter(recipient=user, channel="inbox").order_by("pk")
    return list(told.values_list("template", flat=True))


def sms_to(user: User) -> list[str]:
    sent = OutboxMessage.objects.filter(recipient=user, channel="sms").order_by("pk")
    return list(sent.values_list("template", flat=True))


def test_press__alarm_stands_and_says_who_and_where(elder: User, home: Home, carer: User) -> None:
    call = press(elder)
    alarm = Alarm.objects.sounding().get()
    assert (alarm.kind, alarm.title, alarm.place) == ("help", "王秀英", str(home))
    assert alarm.url == f"/staff/help/{call.pk}/"
    assert call.reference.startswith("H-")
    assert (sms_to(carer), templates_of(carer)) == (["help_call"], ["help_call"])


def test_press__nobody_can_be_told__the_alarm_is_raised_all_the_same(
    elder: User, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("everything is on fire")

    monkeypatch.setattr("services.help.actions.calls.escalate_call", fail)
    press(elder)
    assert Alarm.objects.sounding().count() == 1
    monkeypatch.undo()
    actions.carry_out_due(clock.now())
    assert sms_to(carer) == ["help_call"]


def test_press__broker_gone__is_raised_and_the_step_is_written(
    elder: User, carer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "queue", lambda *args: False)
    press(elder)
    assert Alarm.objects.sounding().exists()
    assert sms_to(carer) == ["help_call"]


def test_press__twice__the_same_call_and_one_alarm(elder: User, home: Home) -> None:
    first, second = press(elder), press(elder, home)
    assert first == second
    assert Alarm.objects.count() == HelpCall.objects.count() == 1


@pytest.mark.parametrize("how", ["ended", "taken back"])
def test_press__same_key_after_it_is_over__calls_anew(how: str, elder: User, desk: User) -> None:
    key = uuid4()
    call = press(elder, key=key)
    assert press(elder, key=key) == call
    if how == "taken back":
        actions.cancel_call(call=call, by=elder, now=clock.now())
    else:
        actions.take_call(call=call, by=desk, now=clock.now())
    actions.end_call(call=call, by=desk, outcome="helped", now=clock.now())
    second = press(elder, key=key)
    assert second != call
    assert second.key != key
    assert second.alarm.acknowledged_at is None
    assert press(elder, key=key) == second


def test_press__key_of_somebody_else__is_no_way_to_their_call(elder: User, estate: Estate) -> None:
    call = press(elder)
    other = make_resident(home=make_home(estate=estate))
    assert press(other, key=call.key).resident == other


def test_press__no_home__says_whom_to_call() -> None:
    with pytest.raises(ActionError) as refused:
        press(make_user())
    assert (refused.value.code, refused.value.field) == ("no_home", "home")


def test_press__home_of_somebody_else__is_refused(elder: User, estate: Estate) -> None:
    with pytest.raises(ActionError) as refused:
        press(elder, make_home(estate=estate))
    assert (refused.value.code, refused.value.field) == ("not_their_home", "home")
    assert not HelpCall.objects.exists()


def test_press__too_many_words__is_refused(elder: User, desk: User) -> None:
    with pytest.raises(ActionError) as refused:
        press(elder, by=desk, words="痛" * 2001)
    assert refused.value.field == "words"


def test_press__for_a_stranger__is_forbidden(elder: User, home: Home) -> None:
    with pytest.raises(Forbidden):
        press(elder, home, by=make_resident())


def test_press__desk_for_one_who_phoned__says_so_in_the_history(elder: User, desk: User) -> None:
    call = press(elder, by=desk, words="说头晕")
    step = call.history.get()
    assert (step.actor, step.on_behalf_of, call.description) == (desk, elder, "说头晕")


def test_take__on_the_board__moves_the_call_and_tells_the_elder(elder: User, desk: User) -> None:
    call = press(elder)
    acknowledge_alarm(alarm=call.alarm, by=desk, now=clock.now())
    call.refresh_from_db()
    assert (call.status, call.responder) == (Status.COMING, desk)
    assert "help_coming" in templates_of(elder)


def test_take__from_the_call__silences_the_board_and_tells_who_is_sent(
    elder: User, desk: User, carer: User
) -> None:
    call = press(elder)
    actions.take_call(call=call, by=desk, responder=carer, now=clock.now())
    assert not Alarm.objects.sounding().exists()
    call.refresh_from_db()
    assert call.responder == carer
    assert sms_to(carer) == ["help_call", "help_call"]


def test_take__twice_by_the_same__is_quiet__by_another_is_refused(
    elder: User, desk: User, manager: User
) -> None:
    call = press(elder)
    mine, theirs = HelpCall.objects.get(), HelpCall.objects.get()
    actions.take_call(call=call, by=desk, now=clock.now())
    actions.take_call(call=mine, by=desk, now=clock.now())
    with pytest.raises(AlreadyMoved):
        actions.take_call(call=theirs, by=manager, now=clock.now())
    assert call.history.count() == 2


def test_take__sends_a_resident__is_refused_and_writes_nothing(elder: User, desk: User) -> None:
    call = press(elder)
    with pytest.raises(ActionError) as refused:
        actions.take_call(call=call, by=desk, responder=elder, now=clock.now())
    assert refused.value.field == "goes"
    assert Alarm.objects.sounding().exists()


def test_take__by_a_resident__is_forbidden(elder: User) -> None:
    with pytest.raises(Forbidden):
        actions.take_call(call=press(elder), by=elder, now=clock.now())


def test_send_other__elder_and_both_are_told(elder: User, desk: User, carer: User) -> None:
    call = press(elder)
    actions.take_call(call=call, by=desk, now=clock.now())
    actions.send_other(call=call, by=desk, responder=carer, now=clock.now() + timedelta(seconds=5))
    call.refresh_from_db()
    assert call.responder == carer
    assert templates_of(elder).count("help_coming") == 2
    assert [step.responder_name for step in call.history.all()] == ["", "周婷", "冯桂兰"]


def test_send_other__before_anybody_answered__is_refused(elder: User, desk: User, carer: User) -> None:
    with pytest.raises(AlreadyMoved):
        actions.send_other(call=press(elder), by=desk, responder=carer, now=clock.now())


def test_take_back__within_ten_minutes__board_still_sounds_and_staff_end_it(elder: User, desk: User) -> None:
    call = press(elder)
    actions.cancel_call(call=call, by=elder, now=clock.now())
    alarm = Alarm.objects.sounding().get()
    assert alarm.kind == "taken_back"
    assert "王秀英" in alarm.heading
    assert HelpCall.objects.unfinished().get() == call
    acknowledge_alarm(alarm=alarm, by=desk, now=clock.now())
    actions.end_call(call=HelpCall.objects.get(), by=desk, outcome="mistake", now=clock.now())
    assert not HelpCall.objects.unfinished().exists()


def test_take_back__somebody_is_on_the_way__is_told(elder: User, carer: User) -> None:
    call = press(elder)
    actions.take_call(call=call, by=carer, now=clock.now())
    actions.cancel_call(call=call, by=elder, now=clock.now())
    assert sms_to(carer)[-1] == "help_taken_back"


def test_take_back__and_press_again_at_once__is_the_same_call_and_alarm(elder: User, carer: User) -> None:
    call = press(elder)
    actions.cancel_call(call=call, by=elder, now=clock.now())
    assert press(elder) == call
    alarm = Alarm.objects.sounding().get()
    assert (alarm.kind, HelpCall.objects.get().status) == ("help", Status.CALLING)
    assert sms_to(carer).count("help_call") == 2


def test_take_back__desk_took_the_alarm__pressed_again_it_sounds_anew(elder: User, desk: User) -> None:
    call = press(elder)
    actions.cancel_call(call=call, by=elder, now=clock.now())
    acknowledge_alarm(alarm=Alarm.objects.get(), by=desk, now=clock.now())
    assert press(elder) == call
    assert Alarm.objects.sounding().get().kind == "help"


def test_take_back__pressed_again_after_a_quarter_of_an_hour__is_a_new_call(elder: User) -> None:
    long_ago = clock.now() - timedelta(minutes=16)
    call = actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=long_ago)
    actions.cancel_call(call=call, by=elder, now=long_ago)
    assert press(elder) != call
    assert Alarm.objects.sounding().count() == 2


def test_take_back__ten_times_in_turn__one_alarm_and_few_sms(elder: User, carer: User, desk: User) -> None:
    for _n in range(10):
        call = press(elder)
        assert call.status == Status.CALLING, "a call is never refused"
        actions.cancel_call(call=call, by=elder, now=clock.now())
    assert press(elder).status == Status.CALLING
    assert HelpCall.objects.count() == Alarm.objects.count() == 1
    assert Alarm.objects.sounding().get().kind == "help"
    assert sms_to(carer).count("help_call") == 3
    # Whoever was not told yet still is, a minute later.
    actions.carry_out_due(clock.now() + timedelta(minutes=1))
    assert sms_to(desk).count("help_call") == 1


def test_home__changed_without_end__the_way_is_told_a_few_times(elder: User, home: Home, carer: User) -> None:
    other = make_home(estate=home.estate)
    make_residency(user=elder, home=other)
    actions.take_call(call=press(elder), by=carer, now=clock.now())
    for n in range(16):
        place = [other, home][n % 2]
        actions.raise_call(resident=elder, by=elder, home=place, key=uuid4(), now=clock.now())
    assert HelpCall.objects.get().home == home
    assert sms_to(carer).count("help_call") == 11


def test_take_back__after_ten_minutes__is_too_late(elder: User) -> None:
    call = press(elder)
    with pytest.raises(ActionError) as refused:
        actions.cancel_call(call=call, by=elder, now=call.created_at + timedelta(minutes=10, seconds=1))
    assert refused.value.code == "too_late"
    call.refresh_from_db()
    assert call.status == Status.CALLING


def test_take_back__by_a_stranger__is_forbidden(elder: User) -> None:
    with pytest.raises(Forbidden):
        actions.cancel_call(call=press(elder), by=make_resident(), now=clock.now())


@pytest.mark.parametrize(
    ("outcome", "words", "field"),
    [
        ("", "", "outcome"),
        ("flew away", "", "outcome"),
        ("other", "  ", "words"),
        ("helped", "好" * 2001, "words"),
        ("drill", "", "outcome"),
    ],
)
def test_end__bad_input__named_and_nothing_written(
    outcome: str, words: str, field: str, elder: User, desk: User
) -> None:
    call = press(elder)
    actions.take_call(call=call, by=desk, now=clock.now())
    with pytest.raises(ActionError) as refused:
        actions.end_call(call=call, by=desk, outcome=outcome, words=words, now=clock.now())
    assert refused.value.field == field
    call.refresh_from_db()
    assert (call.status, call.words) == (Status.COMING, "")


def test_end__before_anybody_answered__is_refused_and_the_alarm_sounds_on(elder: User, desk: User) -> None:
    with pytest.raises(AlreadyMoved):
        actions.end_call(call=press(elder), by=desk, outcome="helped", now=clock.now())
    assert Alarm.objects.sounding().exists()


def test_end__words_are_kept_encrypted__elder_is_told(elder: User, desk: User) -> None:
    call = press(elder)
    actions.take_call(call=call, by=desk, now=clock.now())
    actions.end_call(call=call, by=desk, outcome="hospital", words="送医院了", now=clock.now())
    assert HelpCall.objects.get().words == "送医院了"
    [stored] = HelpCall.objects.extra(select={"raw": "words"}).values_list("raw", flat=True)
    assert "送医院" not in stored
    assert templates_of(elder)[-1] == "help_ended"


def test_drill__marked_everywhere__family_left_in_peace__counted_apart(
    estate: Estate, home: Home, elder: User, manager: User, carer: User
) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son)
    make_delegation(resident=manager, delegate=son)
    drill = actions.start_drill(by=manager, estate=estate, where=home, key=uuid4(), now=clock.now())
    actions.carry_out_due(drill.created_at + timedelta(minutes=5))
    alarm = Alarm.objects.get()
    assert (alarm.kind, drill.where) == ("drill", home)
    assert "演练" in alarm.heading
    assert set(sms_to(carer)) == {"help_drill"}
    assert sms_to(son) == []
    assert press(elder) != drill
    actions.take_call(call=drill, by=carer, now=clock.now())
    with pytest.raises(ActionError) as refused:
        actions.end_call(call=drill, by=carer, outcome="helped", now=clock.now())
    assert refused.value.field == "outcome"
    actions.end_call(call=drill, by=carer, outcome="drill", now=clock.now())


def test_drill__not_the_manager__is_forbidden(estate: Estate, desk: User) -> None:
    with pytest.raises(Forbidden):
        actions.start_drill(by=desk, estate=estate, where=None, key=uuid4(), now=clock.now())


def test_drill__entrance_of_another_estate__is_refused(estate: Estate, manager: User) -> None:
    with pytest.raises(ActionError):
        actions.start_drill(by=manager, estate=estate, where=make_entrance(), key=uuid4(), now=clock.now())


def test_sms__of_a_drill__says_so_in_its_parameters(estate: Estate, manager: User, carer: User) -> None:
    actions.start_drill(by=manager, estate=estate, where=None, key=uuid4(), now=clock.now())
    sms = OutboxMessage.objects.get(channel="sms", recipient=carer)
    assert messages.sms_params(sms.template, sms.params)["kind"] == "演练"
