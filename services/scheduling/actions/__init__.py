"""Writes of places in slots and of the slots, called by the services that own a resource.

Order of locks, here and in these services, so that no two requests wait for each other: the place, its
waiting row, slots in the order of their keys, then the row of the next waiting person.
"""

from services.scheduling.actions.calendar_days import enter_days
from services.scheduling.actions.counters import SlotFull
from services.scheduling.actions.places import book_place, confirm_place, hold_place
from services.scheduling.actions.releases import lapse_due, lapse_overdue, move_place, release_place
from services.scheduling.actions.slots import (
    DAYS_AHEAD,
    Planned,
    make_slots,
    plan_ahead,
    plan_estate,
    plan_slots,
)
from services.scheduling.actions.waiting_list import join_waiting, leave_waiting, take_offer

__all__ = [
    "DAYS_AHEAD",
    "Planned",
    "SlotFull",
    "book_place",
    "confirm_place",
    "enter_days",
    "hold_place",
    "join_waiting",
    "lapse_due",
    "lapse_overdue",
    "leave_waiting",
    "make_slots",
    "move_place",
    "plan_ahead",
    "plan_estate",
    "plan_slots",
    "release_place",
    "take_offer",
]
