"""What a refusal by a limit looks like, on a page of its own."""

import pytest
from django.test import Client
from django.urls import reverse

from community.core import limits
from community.core.limit_table import CARE_HOLD, PAY_BACK, TABLE, Limit
from community.estates.models import Estate
from tests import factories as make

pytestmark = pytest.mark.django_db


def use_up(limit: Limit, key: object) -> None:
    for _n in range(limit.amount):
        limits.hit(limit, key)


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 秒"), (3000, "50 分钟"), (3001, "51 分钟"), (7201, "3 小时")]
)
def test_wait_words__by_length__say_when_and_what_else(seconds: int, words: str) -> None:
    said = limits.wait_words(seconds)
    assert words in said
    assert "物业前台" in said


def test_refused__by_a_limit__says_when_and_has_the_desks_number() -> None:
    payment = make.make_payment(paid=True)
    resident = payment.payer
    Estate.objects.update(desk_phone="02712345678")
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(resident)
    use_up(PAY_BACK, resident.pk)
    refused = client.post(reverse("payment_take_back", args=[payment.pk]))
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= PAY_BACK.seconds
    html = refused.content.decode()
    assert "分钟再试" in html
    assert "tel:02712345678" in html


def test_table__of_what_people_do__is_not_used_up_by_an_ordinary_day() -> None:
    """Nobody books, reports or pays so often; a limit below this would be met in earnest.

    ``file_read`` refuses nothing: a second reading within the hour is not recorded again.
    """
    by_hour = {one.name: one.amount * 3600 / one.seconds for one in TABLE if not one.needs_redis}
    assert by_hour[CARE_HOLD.name] >= 60
    assert {name for name, most in by_hour.items() if most < 3} == {"residency", "file_read"}
