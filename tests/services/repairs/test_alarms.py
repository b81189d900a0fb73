"""An alarm of the estate on its dispatcher's board."""

import pytest
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate
from services.common import alarms
from services.common.actions import raise_alarm
from tests.factories import make_estate, make_repair, make_resident, make_staff
from tests.services.repairs.board import as_user

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def test_alarm__sounds_until_somebody_takes_it__and_says_who(estate: Estate, dispatcher: User) -> None:
    resident = make_resident(name="孙大爷")
    repair = make_repair(estate=estate)
    alarm = raise_alarm(
        estate=estate,
        title="电梯困人",
        place="3号楼",
        url=reverse("board_repair", args=[repair.pk]),
        by=resident,
        now=clock.now(),
    )
    client = as_user(dispatcher)
    bar = reverse("alarms")
    for url in (reverse("board"), reverse("desk"), reverse("admin:index"), bar):
        html = client.get(url).content.decode()
        assert "data-sounding" in html
        assert "电梯困人" in html
        assert "孙大爷" in html
    response = client.post(reverse("take_alarm", args=[alarm.pk]))
    assert response.headers["Location"] == alarm.url
    html = client.get(bar).content.decode()
    assert "data-sounding" not in html
    assert "周敏 sees to it" in html


def test_alarm__of_another_estate__can_neither_be_seen_nor_taken(dispatcher: User) -> None:
    estate = make_estate()
    alarm = raise_alarm(estate=estate, title="燃气", place="x", url="/", by=make_resident(), now=clock.now())
    client = as_user(dispatcher)
    assert "燃气" not in client.get(reverse("alarms")).content.decode()
    assert client.post(reverse("take_alarm", args=[alarm.pk])).status_code == 404


def test_alarm__more_estates_than_a_socket_watches__bar_is_fetched_regularly(
    dispatcher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MOST_WATCHED", 0)
    bar = as_user(dispatcher).get(reverse("desk")).content.decode().partition("data-alarms")[2]
    assert f'data-live-url="{reverse("alarms")}"' in bar
    assert "data-live=" not in bar


def test_alarm__auditor__neither_hears_nor_takes_it(estate: Estate) -> None:
    alarm = raise_alarm(estate=estate, title="燃气", place="x", url="/", by=make_resident(), now=clock.now())
    client = as_user(make_staff(role=Role.AUDITOR, estate=estate))
    assert "data-alarms" not in client.get(reverse("board")).content.decode()
    assert "data-sounding" not in client.get(reverse("alarms")).content.decode()
    assert client.post(reverse("take_alarm", args=[alarm.pk])).status_code == 404
