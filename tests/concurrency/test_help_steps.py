"""The beat and several open pages look at the same instant: each step is taken once, each SMS written once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections

from accounts.models import StaffRole, User
from community.core import clock
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.common.actions import acknowledge_alarm
from services.common.models import Alarm
from services.help import actions
from services.help.models import HelpCall, HelpStep
from tests.factories import (
    make_delegation,
    make_help_call,
    make_home,
    make_resident,
    make_staff,
    make_user,
    make_week_of_duty,
)
from tests.support.draws import few_or

LOOKERS = 6


def at_once(number: int, job: Callable[[int], object]) -> list[object]:
    """What each of several threads got, all let go together; an error is what it got, too."""
    start, got = Barrier(number), []

    def run(mine: int) -> None:
        try:
            start.wait()
            got.append(job(mine))
        except Exception as error:  # noqa: BLE001  (handed to the test)
            got.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[one]) for one in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@pytest.fixture
def elder(transactional_db: None) -> User:
    home = make_home()
    person = make_resident(home=home)
    for rank in (1, 2):
        make_week_of_duty(estate=home.estate, user=make_staff(estate=home.estate), rank=rank)
    for _n in range(2):
        make_delegation(resident=person, delegate=make_user())
    return person


def home_of(elder: User) -> object:
    return elder.residencies.get().home


@few_or(8)
def test_due__beat_and_polls_at_the_same_instant__each_step_and_sms_once(rounds: int, elder: User) -> None:
    for _round in range(rounds):
        call = make_help_call(resident=elder, home=home_of(elder))
        moment = call.created_at + timedelta(seconds=130)
        taken = at_once(LOOKERS, lambda _mine, moment=moment: actions.carry_out_due(moment))
        # Three on duty, one after another, and two of the family.
        assert sum(taken) == 5, taken
        assert call.steps.count() == 5
        sms = OutboxMessage.objects.filter(key__startswith=f"help:{call.pk}:", channel="sms")
        assert sms.count() == 5
        call.refresh_from_db()
        assert call.escalation_level == 3
        HelpCall.objects.filter(pk=call.pk).update(status="cancelled")


def test_due__without_the_unique_row__the_same_step_is_taken_by_several(elder: User) -> None:
    """The race is real: looking whether it was done, and then doing it, lets several through."""
    call = make_help_call(resident=elder, home=home_of(elder))
    looked = Barrier(LOOKERS)

    def naive(mine: int) -> int:
        is_done = call.steps.filter(key__startswith="naive").exists()
        looked.wait()
        if is_done:
            return 0
        HelpStep.objects.create(call=call, key=f"naive-{mine}", at=clock.now())
        return 1

    taken = [one for one in at_once(LOOKERS, naive) if not isinstance(one, IntegrityError)]
    assert sum(taken) > 1


def test_press__many_at_the_same_instant__one_call_and_one_alarm(elder: User) -> None:
    def press(_mine: int) -> int:
        return actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=clock.now()).pk

    for _round in range(3):
        got = at_once(LOOKERS, press)
        assert len(set(got)) == 1, got
        assert HelpCall.objects.open().count() == 1
        assert Alarm.objects.count() == HelpCall.objects.count()
        HelpCall.objects.open().update(status="cancelled")


def test_again__many_at_the_same_instant__one_more_alarm_and_each_message_once(elder: User) -> None:
    for _round in range(3):
        long_ago = clock.now() - timedelta(hours=1)
        call = make_help_call(resident=elder, home=home_of(elder), status="coming", created_at=long_ago)
        moment = clock.now()

        def press(_mine: int, moment: datetime = moment) -> int:
            return actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=moment).pk

        assert at_once(LOOKERS, press) == [call.pk] * LOOKERS
        call.refresh_from_db()
        assert (call.status, call.round) == ("calling", 2)
        assert Alarm.objects.sounding().count() == 1
        # The first on duty, who was to come, and two of the family.
        assert call.steps.count() == 4
        sms = OutboxMessage.objects.filter(key__startswith=f"help:{call.pk}:", channel="sms")
        assert sms.count() == 4
        HelpCall.objects.filter(pk=call.pk).update(status="cancelled")
        Alarm.objects.sounding().update(acknowledged_by=elder, acknowledged_at=moment)


def test_remind__beat_and_polls_at_the_same_instant__each_is_asked_once(elder: User) -> None:
    for _round in range(3):
        long_ago = clock.now() - timedelta(minutes=31)
        call = make_help_call(resident=elder, home=home_of(elder), status="coming", created_at=long_ago)
        at_once(LOOKERS, lambda _mine: actions.carry_out_due(clock.now()))
        asked = OutboxMessage.objects.filter(key__startswith=f"help:{call.pk}:remind", channel="sms")
        # Everybody at the desk of this estate; who goes is one of them.
        assert asked.count() == call.steps.count() == StaffRole.objects.count()
        HelpCall.objects.filter(pk=call.pk).update(status="cancelled")


@few_or(8)
def test_take__on_the_board_and_on_the_page_at_once__one_goes_and_no_deadlock(
    rounds: int, elder: User
) -> None:
    estate = elder.residencies.get().home.estate
    people = [make_staff(estate=estate) for _n in range(4)]
    for _round in range(rounds):
        call = make_help_call(resident=elder, home=home_of(elder))

        def take(mine: int, call: HelpCall = call) -> str:
            if mine == 3:
                actions.cancel_call(call=HelpCall.objects.get(pk=call.pk), by=elder, now=clock.now())
                return "taken back"
            if mine % 2:
                acknowledge_alarm(alarm=Alarm.objects.get(pk=call.alarm_id), by=people[mine], now=clock.now())
            else:
                actions.take_call(call=HelpCall.objects.get(pk=call.pk), by=people[mine], now=clock.now())
            return "goes"

        got = at_once(4, take)
        assert all(isinstance(one, str | AlreadyMoved) for one in got), got
        call.refresh_from_db()
        assert call.status in ("coming", "cancelled")
        assert call.history.filter(to_status="coming").count() <= 1
        HelpCall.objects.filter(pk=call.pk, status="coming").update(status="cancelled")


def test_press__again_after_it_was_taken_back__at_the_same_instant__one_call_and_one_alarm(
    elder: User,
) -> None:
    now = clock.now()
    first = actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=now)
    actions.cancel_call(call=first, by=elder, now=now)

    def press(_mine: int) -> object:
        return actions.raise_call(resident=elder, by=elder, home=None, key=uuid4(), now=clock.now()).pk

    assert at_once(LOOKERS, press) == [first.pk] * LOOKERS
    assert HelpCall.objects.get().status == "calling"
    assert Alarm.objects.get().kind == "help"
    assert first.history.filter(from_status="cancelled").count() == 1
