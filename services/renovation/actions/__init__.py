"""Writes of the renovation service, called by pages, API, admin, tasks and commands."""

from services.renovation.actions.appointments import (
    DoorBooking,
    book_appointment,
    book_at_door,
    cancel_appointment,
    is_only_full,
    leave_list,
    move_appointment,
    take_offered,
    wait_for_slot,
)
from services.renovation.actions.confirmation import confirm_work, name_defects
from services.renovation.actions.participation import (
    HouseholdAnswer,
    take_part,
)
from services.renovation.actions.projects import (
    NewCampaign,
    SharedPictures,
    add_shared_pictures,
    answer_question,
    ask_question,
    move_project,
    open_campaign,
    set_stage,
)
from services.renovation.actions.reminders import remind_due, tell_of_campaigns
from services.renovation.actions.warranty import claim_warranty
from services.renovation.actions.work import (
    add_work_pictures,
    finish_work,
    miss_appointment,
    start_work,
)

__all__ = [
    "DoorBooking",
    "HouseholdAnswer",
    "NewCampaign",
    "SharedPictures",
    "add_shared_pictures",
    "add_work_pictures",
    "answer_question",
    "ask_question",
    "book_appointment",
    "book_at_door",
    "cancel_appointment",
    "claim_warranty",
    "confirm_work",
    "finish_work",
    "is_only_full",
    "leave_list",
    "miss_appointment",
    "move_appointment",
    "move_project",
    "name_defects",
    "open_campaign",
    "remind_due",
    "set_stage",
    "start_work",
    "take_offered",
    "take_part",
    "tell_of_campaigns",
    "wait_for_slot",
]
