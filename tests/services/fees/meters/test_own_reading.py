"""The value that a resident sends, and values that are typed wrong."""

import io
from datetime import date

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from community.core import clock
from services.fees.models import Meter, MeterReading
from tests.factories import make_cashier, make_delegation, make_meter, make_resident, read_meter

pytestmark = pytest.mark.django_db


@pytest.fixture
def meter() -> Meter:
    meter = make_meter(installed_on=date(2024, 1, 1))
    for month in (2, 3):
        read_meter(meter, date(2024, month, 1), 10 * month)
    return meter


@pytest.fixture
def resident(meter: Meter) -> User:
    return make_resident(home=meter.home, name="王秀英")


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(file, "JPEG")
    file.seek(0)
    file.name = "meter.jpg"
    return file


def as_user(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_own__with_a_picture__waits_and_says_so(meter: Meter, resident: User) -> None:
    client = as_user(resident)
    response = client.post(f"/fees/meters/{meter.pk}/", {"value": "３１．５", "pictures": photo()})
    assert response["Location"] == "/fees/meters/"
    assert "您报了 31.5，物业正在核对" in client.get("/fees/meters/").content.decode()
    reading = meter.readings.get(source="resident")
    assert (reading.status, reading.value_milli, reading.pictures.count()) == ("waiting", 31_500, 1)


def test_own__lower__is_asked_about_then_sent(meter: Meter, resident: User) -> None:
    client = as_user(resident)
    response = client.post(f"/fees/meters/{meter.pk}/", {"value": "12", "pictures": photo()})
    page = response.content.decode()
    assert response.status_code == 422
    assert "比上次的 30 m³ 低" in page
    assert "核对过，读数没错" in page
    assert 'value="12"' in page
    client.post(f"/fees/meters/{meter.pk}/", {"value": "12", "is_sure": "on", "pictures": photo()})
    assert meter.readings.get(source="resident").flag == "lower"


@pytest.mark.parametrize(
    ("value", "words"),
    [("三十吨", "读数请填数字"), ("", "请填写读数"), ("1234567", "小数点前只有 5 位"), ("1.2345", "小数")],
)
def test_own__that_is_no_value__is_refused_at_its_field(
    meter: Meter, resident: User, value: str, words: str
) -> None:
    response = as_user(resident).post(f"/fees/meters/{meter.pk}/", {"value": value, "pictures": photo()})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not MeterReading.objects.filter(source="resident").exists()


def test_own__without_a_picture__asks_for_one(meter: Meter, resident: User) -> None:
    response = as_user(resident).post(f"/fees/meters/{meter.pk}/", {"value": "31"})
    assert response.status_code == 422
    assert "请拍一张表的照片" in response.content.decode()


def test_own__by_a_child_who_pays_for_the_parent__is_taken(meter: Meter, resident: User) -> None:
    child = make_resident(name="李明")
    make_delegation(resident=resident, delegate=child, service="fees")
    client = as_user(child)
    given = {"value": "31", "pictures": photo(), "for": resident.pk}
    assert client.post(f"/fees/meters/{meter.pk}/", given).status_code == 302
    assert meter.readings.get(source="resident").by == child


def test_own__of_another_home__is_not_there(meter: Meter) -> None:
    client = as_user(make_resident())
    assert client.get(f"/fees/meters/{meter.pk}/").status_code == 404
    given = {"value": "31", "pictures": photo()}
    assert client.post(f"/fees/meters/{meter.pk}/", given).status_code == 404


def test_office__text_for_a_value__is_refused_and_comes_back(meter: Meter) -> None:
    client = as_user(make_cashier(estate=meter.estate))
    given = {"value": "abc", "on": clock.today(clock.now()).isoformat()}
    page = client.post(f"/staff/fees/meters/{meter.pk}/", given)
    assert page.status_code == 422
    assert "读数请填数字" in page.content.decode()
    assert 'value="abc"' in page.content.decode()
