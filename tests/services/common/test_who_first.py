"""Who may is asked before anything else: a stranger is told no word about states, prices or words."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from community.core import clock
from community.core.errors import Forbidden
from services.care import actions as care
from services.feedback import actions as feedback
from services.fees import actions as fees
from services.fees.billing import actions as billing
from services.help import actions as help_calls
from services.renovation import actions as renovation
from services.repairs import actions as repairs
from tests.factories import (
    make_bill,
    make_care_booking,
    make_feedback,
    make_payment,
    make_repair,
    make_resident,
    make_user,
)
from tests.factories.renovation import Site, make_appointment
from tests.support.paying import begin

pytestmark = pytest.mark.django_db
# A body that is wrong in every way.
WRONG: dict[str, Any] = {"words": ""}
ACTS: dict[str, Callable[[User], Any]] = {
    "answer_quote": lambda by: repairs.answer_quote(
        repair=make_repair(status="quoted", quote_fen=6800), by=by, agrees=True, fen=1, now=clock.now()
    ),
    "reopen_repair": lambda by: repairs.reopen_repair(repair=make_repair(), by=by, **WRONG, now=clock.now()),
    "quote_price": lambda by: repairs.quote_price(
        repair=make_repair(), by=by, fen=0, **WRONG, now=clock.now()
    ),
    "decline_repair": lambda by: repairs.decline_repair(
        repair=make_repair(), by=by, reason="", now=clock.now()
    ),
    "assign_repair": lambda by: repairs.assign_repair(
        repair=make_repair(), worker=make_user(), by=by, now=clock.now()
    ),
    "name_defects": lambda by: renovation.name_defects(
        appointment=make_appointment(site=Site()), by=by, **WRONG, now=clock.now()
    ),
    "ask_writer": lambda by: feedback.ask_writer(feedback=make_feedback(), by=by, **WRONG, now=clock.now()),
    "ask_solved": lambda by: feedback.ask_solved(feedback=make_feedback(), by=by, **WRONG, now=clock.now()),
    "say_not_solved": lambda by: feedback.say_not_solved(
        feedback=make_feedback(), by=by, **WRONG, now=clock.now()
    ),
    "finish_visit": lambda by: care.finish_visit(
        booking=make_care_booking(), by=by, words="字" * 9999, now=clock.now()
    ),
    "raise_call": lambda by: help_calls.raise_call(
        resident=make_user(),
        by=by,
        home=None,
        key="0b9f4b6c-34a8-4a19-9a3f-7d1d2f0c9e11",  # type: ignore[arg-type]
        now=clock.now(),
    ),
    "begin_payment": lambda by: _pay_too_much(by),
    "request_refund": lambda by: fees.request_refund(payment=make_payment(), by=by, now=clock.now()),
    "void_bill": lambda by: billing.void_bill(bill=make_bill(), reason="", by=by, now=clock.now()),
}


def _pay_too_much(by: User) -> Any:
    bill = make_bill()
    payer = make_resident(home=bill.home)
    return begin([bill], payer, by=by, amounts={bill.pk: 10**9})


@pytest.mark.parametrize("act", ACTS)
def test_action__by_a_stranger_with_a_wrong_body__is_forbidden(act: str) -> None:
    with pytest.raises(Forbidden):
        ACTS[act](make_resident())
