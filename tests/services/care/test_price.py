"""What a booking costs: the price that was shown, billed once and said once."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from community.core import clock
from community.notifications.models import OutboxMessage
from services.care import actions
from services.care.models import CareBooking, CareService
from services.care.models.catalogue import MAX_PRICE_FEN
from services.fees.billing.actions.charges import MAX_BILL_FEN
from services.fees.models import Bill
from tests.factories import make_care_booking, make_care_draft

S = CareBooking.Status
pytestmark = pytest.mark.django_db


def test_finish__the_amount_is_said_in_one_message(elder: User) -> None:
    visit = make_care_booking(resident=elder, status=S.UNDER_WAY)
    actions.finish_visit(booking=visit, by=visit.carer, now=clock.now())
    told = OutboxMessage.objects.filter(recipient=elder).exclude(template="care_started")
    assert [message.template for message in told] == ["care_done"]
    assert told.get().params["fen"] == Bill.objects.get().amount_fen == 6000


def test_book__after_the_price_was_raised__costs_what_the_page_showed(
    client: Client, elder: User, service: CareService
) -> None:
    home = elder.residencies.get().home
    draft = make_care_draft(service=service, resident=elder, home=home)
    CareService.objects.update(price_fen=18000)
    client.force_login(elder)
    url = reverse("care_check", args=[draft.pk])
    assert "¥60.00" in client.get(url).content.decode()
    client.post(url)
    assert CareBooking.objects.get().price_fen == 6000


def test_service__costs_more_than_a_bill_can_be__is_refused_in_plain_words(service: CareService) -> None:
    assert MAX_PRICE_FEN <= MAX_BILL_FEN
    service.price_fen = MAX_PRICE_FEN
    service.full_clean()
    service.price_fen += 1
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        service.full_clean()
    assert refused.value.message_dict == {"price_fen": ["最多 100 万元。"]}
