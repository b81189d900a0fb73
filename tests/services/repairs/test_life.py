"""A repair's life with random people doing random things.

Whatever they do: the state follows the table, the history has every step, the counters of open
pages only grow, and each notice stands in an inbox exactly once.
"""

import itertools
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import Refusal
from community.notifications.models import InboxNotice, LiveTopic, OutboxMessage
from services.repairs import actions
from services.repairs.models import Repair
from tests.factories import make_delegation, make_home, make_repair, make_resident, make_staff, make_user
from tests.support.draws import PROFILES

Role = StaffRole.Role
ACTORS = (
    "resident",
    "daughter",
    "neighbour",
    "dispatcher",
    "first worker",
    "second worker",
    "front desk",
    "auditor",
)
who = st.sampled_from(ACTORS)
words = st.sampled_from(["", "等零件", "下午再来", "还在滴水"])


class RepairLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        home = make_home()
        resident = make_resident(home=home)
        self.repair = make_repair(home=home, resident=resident)
        estate = home.estate
        self.people = {
            "resident": resident,
            "daughter": make_delegation(resident=resident).delegate,
            "neighbour": make_user(),
            "dispatcher": make_staff(role=Role.DISPATCHER, estate=estate),
            "first worker": make_staff(role=Role.REPAIR_WORKER, estate=estate),
            "second worker": make_staff(role=Role.REPAIR_WORKER, estate=estate),
            "front desk": make_staff(role=Role.FRONT_DESK, estate=estate),
            "auditor": make_staff(role=Role.AUDITOR, estate=estate),
        }
        self.now = clock.now()
        self.steps = 1
        self.pulse = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def try_to(self, act, actor: str, **given) -> None:
        """Refusals are part of life; what matters is that they write nothing."""
        self.now += timedelta(minutes=1)
        before = Repair.objects.get(pk=self.repair.pk)
        with suppress(Refusal):
            act(repair=before, by=self.people[actor], now=self.now, **given)
        after = Repair.objects.get(pk=self.repair.pk)
        if (after.status, after.worker_id) != (self.repair.status, self.repair.worker_id):
            assert after.status in Repair.TRANSITIONS[self.repair.status]
            self.steps += 1
        self.repair = after

    @rule(actor=who)
    def accept(self, actor):
        self.try_to(actions.accept_repair, actor)

    @rule(actor=who, reason=words)
    def decline(self, actor, reason):
        self.try_to(actions.decline_repair, actor, reason=reason)

    @rule(actor=who, worker=st.sampled_from(["first worker", "second worker", "resident"]))
    def assign(self, actor, worker):
        self.try_to(actions.assign_repair, actor, worker=self.people[worker])

    @rule(actor=who)
    def take(self, actor):
        self.try_to(actions.take_repair, actor)

    @rule(actor=who)
    def start(self, actor):
        self.try_to(actions.start_work, actor)

    @rule(
        actor=who, reason=words, verb=st.sampled_from(["wait_for_parts", "wait_for_resident", "return_job"])
    )
    def pause(self, actor, reason, verb):
        self.try_to(getattr(actions, verb), actor, reason=reason)

    @rule(actor=who)
    def resume(self, actor):
        self.try_to(actions.resume_work, actor)

    @rule(actor=who, fen=st.integers(-5, 100_000), what=words)
    def quote(self, actor, fen, what):
        self.try_to(actions.quote_price, actor, fen=fen, words=what)

    @rule(actor=who, agrees=st.booleans(), is_seen=st.booleans())
    def answer(self, actor, agrees, is_seen):
        seen = self.repair.quote_fen or 1
        self.try_to(actions.answer_quote, actor, agrees=agrees, fen=seen if is_seen else seen + 1)

    @rule(actor=who, what=words)
    def finish(self, actor, what):
        self.try_to(actions.finish_work, actor, words=what)

    @rule(actor=who, face=st.integers(0, 4))
    def confirm(self, actor, face):
        self.try_to(actions.confirm_repair, actor, face=face)

    @rule(actor=who, what=words)
    def reopen(self, actor, what):
        self.try_to(actions.reopen_repair, actor, words=what)

    @rule(actor=who, reason=words)
    def cancel(self, actor, reason):
        self.try_to(actions.cancel_repair, actor, reason=reason)

    @rule(actor=who, what=words, is_internal=st.booleans())
    def say(self, actor, what, is_internal):
        self.try_to(actions.add_words, actor, words=what, is_internal=is_internal)

    @precondition(lambda self: self.repair.status == Repair.Status.DONE)
    @rule()
    def a_week_passes(self):
        actions.close_unanswered(repair=self.repair, now=self.now + timedelta(days=7))
        self.repair = Repair.objects.get(pk=self.repair.pk)
        self.steps += 1

    @invariant()
    def history_is_complete(self):
        history = list(self.repair.history.all())
        # A worker changed from one to the same one is no step; everything else is one row.
        assert len(history) >= self.steps
        assert history[-1].to_status == self.repair.status
        for before, after in itertools.pairwise(history):
            assert after.from_status == before.to_status
            assert after.to_status in Repair.TRANSITIONS[before.to_status]

    @invariant()
    def each_notice_stands_in_the_inbox_once(self):
        written = OutboxMessage.objects.filter(channel="inbox").values_list("key", "recipient")
        assert len(set(written)) == len(written)
        notices = InboxNotice.objects.values_list("key", "user")
        assert len(set(notices)) == len(notices)
        assert set(notices) <= set(written)

    @invariant()
    def pages_are_told_of_every_change(self):
        number = (
            LiveTopic.objects.filter(name=self.repair.live_topic).values_list("number", flat=True).first()
            or 0
        )
        assert number >= self.pulse
        self.pulse = number


@pytest.mark.django_db
@PROFILES
def test_whatever_people_do__the_record_holds(profile: str) -> None:
    machine = RepairLife.TestCase
    machine.settings = settings.get_profile(profile)
    machine("runTest").runTest()
