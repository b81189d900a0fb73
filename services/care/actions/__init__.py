"""Writes of the care service, called by pages, API, admin, tasks and commands."""

from services.care.actions.bookings import (
    Answer,
    CareChoice,
    answer_draft,
    begin_booking,
    book,
    delete_drafts,
    hold_again,
)
from services.care.actions.carer_pictures import (
    add_carer_picture,
    agree_to_picture,
    remove_carer_picture,
)
from services.care.actions.changes import (
    arrange_visit,
    cancel_booking,
    give_thumb,
    move_booking,
    slot_on,
)
from services.care.actions.menus import Dishes, set_menu
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
    "Answer",
    "CareChoice",
    "Dishes",
    "add_carer_picture",
    "agree_to_picture",
    "answer_draft",
    "arrange_visit",
    "begin_booking",
    "book",
    "cancel_booking",
    "choose_offered",
    "close_served",
    "close_visit",
    "delete_drafts",
    "finish_visit",
    "give_thumb",
    "hold_again",
    "home_in",
    "leave_list",
    "mark_missed",
    "move_booking",
    "remove_carer_picture",
    "report_missed",
    "set_menu",
    "slot_on",
    "start_visit",
    "wait_for_slot",
]
