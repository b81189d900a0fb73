"""Menus: written by the coordinator, seen by residents with a picture of each day's own."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from services.care import actions
from services.care.models import CareService, Menu
from tests.factories import make_care_service, make_menu, make_slot, make_staff
from tests.support.photos import stored_pictures
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def lunch(service: CareService) -> CareService:
    return make_care_service(
        provider=service.provider, kind=CareService.Kind.MEALS, name="午餐", needs_carer=False
    )


def test_menu__written_with_a_picture__seen_by_residents_until_the_day_is_over(
    client: Client, lunch: CareService, elder: User, coordinator: User
) -> None:
    page = reverse("care_menu", args=[lunch.pk])
    client.force_login(elder)
    assert "菜单还没出" in client.get(page).content.decode()
    today = clock.today(clock.now())
    make_menu(service=lunch, on=today - timedelta(days=1), dishes="昨天的饺子")
    client.force_login(coordinator)
    write = reverse("care_write_menu", args=[lunch.pk, today + timedelta(days=1)])
    answer = client.post(write, {"dishes": "红烧肉、青菜", "pictures": a_picture()}, follow=True)
    assert "红烧肉、青菜" in answer.content.decode()
    client.force_login(elder)
    seen = client.get(page).content.decode()
    assert "明天" in seen
    assert "红烧肉、青菜" in seen
    assert "昨天的饺子" not in seen
    picture_url = reverse("care_menu_picture", args=[Menu.objects.get(on__gt=today).picture.pk, "medium"])
    assert picture_url in seen
    assert client.get(picture_url)["Content-Type"] == "image/jpeg"


def test_menu__last_meal_of_the_day_over__begins_with_tomorrow(
    client: Client, lunch: CareService, elder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.today(clock.now())
    for day, dishes in ((today, "今天的鱼"), (today + timedelta(days=1), "明天的面")):
        make_menu(service=lunch, on=day, dishes=dishes)
    slot = make_slot(resource=lunch.resource, day=today, at=time(11))
    client.force_login(elder)
    page = reverse("care_menu", args=[lunch.pk])
    for now, is_shown in ((slot.ends_at - timedelta(minutes=1), True), (slot.ends_at, False)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        seen = client.get(page).content.decode()
        assert ("今天的鱼" in seen) is is_shown
        assert "明天的面" in seen


def test_menu__emptied__is_gone_with_the_files_of_its_picture(
    lunch: CareService, coordinator: User, django_capture_on_commit_callbacks
) -> None:
    now = clock.now()
    given = {"service": lunch, "on": clock.today(now), "by": coordinator, "now": now}
    before = stored_pictures()
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_menu(dishes=actions.Dishes("鱼", a_picture()), **given)
        first = stored_pictures()
        actions.set_menu(dishes=actions.Dishes("鱼", a_picture()), **given)
    second = stored_pictures()
    assert len(first) == len(second) == len(before) + 3
    assert first != second
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_menu(dishes=actions.Dishes(" "), **given)
    assert stored_pictures() == before
    assert not lunch.menus.exists()


def test_menu__not_for_others_nor_for_days_over_nor_for_visits(
    lunch: CareService, service: CareService, coordinator: User
) -> None:
    now = clock.now()
    today, fish = clock.today(now), actions.Dishes("鱼")
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=lunch.estate)
    with pytest.raises(Forbidden):
        actions.set_menu(service=lunch, on=today, dishes=fish, by=desk, now=now)
    with pytest.raises(ActionError, match="past"):
        actions.set_menu(service=lunch, on=today - timedelta(days=1), dishes=fish, by=coordinator, now=now)
    with pytest.raises(ActionError, match="no_meal"):
        actions.set_menu(service=service, on=today, dishes=fish, by=coordinator, now=now)


def test_menu__more_days__same_number_of_queries(client: Client, lunch: CareService, elder: User) -> None:
    client.force_login(elder)
    page, today = reverse("care_menu", args=[lunch.pk]), clock.today(clock.now())
    counts = []
    for number in range(3):
        make_menu(service=lunch, on=today + timedelta(days=number), key="pictures/none")
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        counts.append(len(asked))
    assert counts[1] == counts[2]
