"""How often one may report, with a page and with a program alike."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import limits
from community.core.limit_table import API_TOKEN, PAGE_WRITES, REPAIR_WORDS
from community.estates.models import Estate, Home, PublicPlace
from services.common.models import Alarm
from services.repairs.models import Repair, RepairCategory
from tests import factories as make
from tests.services.repairs.api import Api, problem

pytestmark = pytest.mark.django_db
DESK = "02788886666"


@pytest.fixture
def trapped(estate: Estate) -> RepairCategory:
    Estate.objects.filter(pk=estate.pk).update(desk_phone=DESK)
    lifts = make.make_category(estate=estate)
    return make.make_category(
        parent=lifts, name="电梯困人", is_emergency=True, where=RepairCategory.Where.PUBLIC
    )


@pytest.fixture
def sign(estate: Estate) -> PublicPlace:
    return make.make_place(estate=estate)


def client_of(user: User, address: str = "203.0.113.7") -> Client:
    client = Client(headers={"accept-language": "zh-CN"}, REMOTE_ADDR=address)
    client.force_login(user)
    return client


def report(client: Client, category: RepairCategory, place: PublicPlace) -> Any:
    given = {"category": category.pk, "place": place.code, "key": str(uuid4())}
    return client.post(reverse("report_begin"), given)


def test_emergency__by_somebody_without_a_home__three_an_hour_and_then_the_number_to_call(
    trapped: RepairCategory, sign: PublicPlace
) -> None:
    client = client_of(make.make_user())
    answers = [report(client, trapped, sign) for _n in range(6)]
    assert [one.status_code for one in answers] == [302] * 3 + [429] * 3
    assert Alarm.objects.count() == 3
    assert int(answers[-1]["Retry-After"]) > 3000
    html = answers[-1].content.decode()
    assert "物业前台已收到警报" in html
    assert f"tel:{DESK}" in html


def test_emergency__by_many_without_a_home_at_one_network__six_an_hour_in_page_and_api_together(
    trapped: RepairCategory, sign: PublicPlace
) -> None:
    made = [report(client_of(make.make_user()), trapped, sign).status_code for _n in range(4)]
    made += [
        Api(make.make_user()).client.post(
            "/api/v1/repairs/",
            {"category": trapped.pk, "place": sign.code},
            content_type="application/json",
            headers=Api(make.make_user()).headers,
            REMOTE_ADDR="::ffff:203.0.113.7",
        )
        for _n in range(3)
    ]
    assert made[:4] == [302] * 4
    assert [one.status_code for one in made[4:]] == [201, 201, 429]
    body = problem(made[-1], 429, "too_many")
    assert DESK in body["title"]
    assert int(made[-1]["Retry-After"]) > 0
    assert report(client_of(make.make_user(), "198.51.100.7"), trapped, sign).status_code == 302


def test_emergency__by_a_resident_or_the_family__is_no_strangers(
    trapped: RepairCategory, sign: PublicPlace, resident: User, estate: Estate
) -> None:
    daughter = make.make_user()
    make.make_delegation(resident=resident, delegate=daughter)
    for person in (resident, daughter):
        made = [report(client_of(person), trapped, sign).status_code for _n in range(11)]
        assert made == [302] * 10 + [429]
    assert Alarm.objects.count() == 20


def test_report__second_tap__is_counted_once(trapped: RepairCategory, sign: PublicPlace) -> None:
    client, given = client_of(make.make_user()), {"category": trapped.pk, "place": sign.code}
    key = str(uuid4())
    answers = {client.post(reverse("report_begin"), {**given, "key": key}).status_code for _n in range(6)}
    assert answers == {302}
    assert Repair.objects.count() == 1


def test_add_words__page_and_api__share_one_limit_and_nothing_typed_is_lost(
    resident: User, home: Home
) -> None:
    repair = make.make_repair(resident=resident, home=home)
    url, client = reverse("repair_add_words", args=[repair.pk]), client_of(resident)
    assert client.post(url, {"words": "还在漏"}).status_code == 302
    for _n in range(REPAIR_WORDS.amount - 1):
        limits.hit(REPAIR_WORDS, resident.pk)
    refused = client.post(url, {"words": "现在漏得更厉害了"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "现在漏得更厉害了" in refused.content.decode()
    answer = Api(resident).post(f"repairs/{repair.pk}/messages/", words="还在漏")
    assert problem(answer, 429, "too_many")
    assert int(answer["Retry-After"]) > 0
    assert repair.messages.count() == 1


def test_page__that_writes__has_a_limit_for_each_person(resident: User) -> None:
    for _n in range(PAGE_WRITES.amount):
        limits.hit(PAGE_WRITES, resident.pk)
    refused = client_of(resident).post(reverse("name"), {"name": "王秀英"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client_of(resident).get(reverse("me")).status_code == 200
    assert client_of(make.make_resident()).post(reverse("name"), {"name": "陈"}).status_code == 302


def test_call_for_help__after_any_number_of_requests__is_never_refused(resident: User) -> None:
    for _n in range(PAGE_WRITES.amount):
        limits.hit(PAGE_WRITES, resident.pk)
        limits.hit(API_TOKEN, resident.pk)
    assert client_of(resident).post(reverse("help_raise"), {"key": str(uuid4())}).status_code == 302
    assert Alarm.objects.count() == 1
    api = Api(resident)
    assert api.get("me/").status_code == 429
    assert api.post("help-calls/").status_code == 200
