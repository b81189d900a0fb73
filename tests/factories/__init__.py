"""Plain makers of valid rows with fixed defaults; a test names only what it is about.

``make_resident(home=home, name="王秀英")``. Numbers are handed out one after another, so that what must
be unique is.
"""

from tests.factories.base import (
    PASSWORD,
    make_building,
    make_delegation,
    make_entrance,
    make_estate,
    make_home,
    make_place,
    make_residency,
    make_resident,
    make_roster_entry,
    make_staff,
    make_user,
    next_phone,
)
from tests.factories.feedback import make_feedback, make_standard_answer
from tests.factories.repairs import make_category, make_repair
from tests.factories.scheduling import make_booking, make_hours, make_resource, make_slot

__all__ = [
    "PASSWORD",
    "make_booking",
    "make_building",
    "make_category",
    "make_delegation",
    "make_entrance",
    "make_estate",
    "make_feedback",
    "make_home",
    "make_hours",
    "make_place",
    "make_repair",
    "make_residency",
    "make_resident",
    "make_resource",
    "make_roster_entry",
    "make_slot",
    "make_staff",
    "make_standard_answer",
    "make_user",
    "next_phone",
]
