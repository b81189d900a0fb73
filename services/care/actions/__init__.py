"""Writes of the care service, called by pages, API, admin, tasks and commands."""

from services.care.actions.bookings import (
    CareChoice,
    answer_draft,
    begin_booking,
    book,
    hold_again,
)
from services.care.actions.changes import (
    arrange_visit,
    cancel_booking,
    give_thumb,
    move_booking,
    slot_on,
)
from services.care.actions.visits import (
    close_served,
    close_visit,
    finish_visit,
    mark_missed,
    report_missed,
    start_visit,
)
from services.care.actions.waiting_list import choose_offered, home_in, leave_list, wait_for_slot

__all__ = [
    "CareChoice",
    "answer_draft",
    "arrange_visit",
    "begin_booking",
    "book",
    "cancel_booking",
    "choose_offered",
    "close_served",
    "close_visit",
    "finish_visit",
    "give_thumb",
    "hold_again",
    "home_in",
    "leave_list",
    "mark_missed",
    "move_booking",
    "report_missed",
    "slot_on",
    "start_visit",
    "wait_for_slot",
]
