"""Factories of valid rows with fixed defaults; a test names only the values that it is about.

``make_resident(home=home, name="王秀英")``. Numbers are counted up, so that unique values are.
"""

from tests.factories.base import (
    PASSWORD,
    make_administrator,
    make_building,
    make_company,
    make_consent,
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
from tests.factories.care import (
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_carer,
    make_carer_picture,
    make_menu,
    make_provider,
)
from tests.factories.feedback import make_feedback, make_standard_answer
from tests.factories.fees import make_bill, make_cashier, make_item, make_payment, make_till
from tests.factories.help_calls import make_help_call, make_leave, make_shift, make_week_of_duty
from tests.factories.meters import make_meter, make_metered_item, read_meter
from tests.factories.notices import make_notice
from tests.factories.repairs import make_category, make_repair
from tests.factories.scheduling import make_booking, make_hours, make_resource, make_slot
from tests.factories.tokens import make_token

__all__ = [
    "PASSWORD",
    "make_administrator",
    "make_bill",
    "make_booking",
    "make_building",
    "make_care_booking",
    "make_care_draft",
    "make_care_service",
    "make_carer",
    "make_carer_picture",
    "make_cashier",
    "make_category",
    "make_company",
    "make_consent",
    "make_delegation",
    "make_entrance",
    "make_estate",
    "make_feedback",
    "make_help_call",
    "make_home",
    "make_hours",
    "make_item",
    "make_leave",
    "make_menu",
    "make_meter",
    "make_metered_item",
    "make_notice",
    "make_payment",
    "make_place",
    "make_provider",
    "make_repair",
    "make_residency",
    "make_resident",
    "make_resource",
    "make_roster_entry",
    "make_shift",
    "make_slot",
    "make_staff",
    "make_standard_answer",
    "make_till",
    "make_token",
    "make_user",
    "make_week_of_duty",
    "next_phone",
    "read_meter",
]
