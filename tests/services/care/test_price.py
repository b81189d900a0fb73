"""What a booking costs: the price that was shown, billed once and said once."""

import pytest

from accounts.models import User
from community.core import clock
from community.notifications.models import OutboxMessage
from services.care import actions
from services.care.models import CareBooking
from services.fees.models import Bill
from tests.factories import make_care_booking

S = CareBooking.Status
pytestmark = pytest.mark.django_db


def test_finish__the_amount_is_said_in_one_message(elder: User) -> None:
    visit = make_care_booking(resident=elder, status=S.UNDER_WAY)
    actions.finish_visit(booking=visit, by=visit.carer, now=clock.now())
    told = OutboxMessage.objects.filter(recipient=elder).exclude(template="care_started")
    assert [message.template for message in told] == ["care_done"]
    assert told.get().params["fen"] == Bill.objects.get().amount_fen == 6000
