"""What goes on in the database while a service is switched off: no event of another app fails for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from accounts import actions
from accounts.models import ApiToken, Residency
from community.core import clock, events
from community.core.links import page_named
from community.notices import audiences
from services.care.models import CareBooking
from services.common import response_clock
from services.common.models import Alarm, ResponseClock, Satisfaction
from services.feedback.models import Feedback
from services.help.models import HelpCall
from services.renovation.models import Appointment
from services.scheduling.models import Waiting
from tests import factories as make
from tests.support.world import World
from tests.test_services_off import KEYS, client_of, read_urls_again

pytestmark = pytest.mark.once


@pytest.fixture
def off(request: pytest.FixtureRequest, settings, world: World) -> Iterator[str]:
    settings.SERVICES = [key for key in KEYS if key != request.param]
    read_urls_again()
    yield request.param
    settings.SERVICES = KEYS
    read_urls_again()


@pytest.mark.parametrize("off", ["care", "renovation", "repairs"], indirect=True)
def test_move_out__with_a_service_switched_off__ends_what_is_ahead(off: str, world: World) -> None:
    owner, now = world.people["owner"], clock.now()
    ahead = CareBooking.objects.filter(resident=owner, status=CareBooking.Status.BOOKED)
    booked = Appointment.objects.filter(resident=owner, status=Appointment.Status.BOOKED)
    assert ahead.exists()
    assert booked.exists()
    actions.move_out(residency=Residency.objects.get(pk=world.residency.pk), by=owner, now=now)
    assert not ahead.exists()
    assert not booked.filter(home=world.home).exists()
    world.repair.refresh_from_db()
    assert world.repair.resident == world.people["household"]


@pytest.mark.parametrize("off", ["care", "renovation"], indirect=True)
def test_place_offered__of_a_service_switched_off__tells_nobody(off: str, world: World) -> None:
    waiting = Waiting.objects.filter(slot__resource__service=off)
    assert waiting.exists()
    for row in waiting:
        events.place_offered.send(waiting=row, now=clock.now())


@pytest.mark.parametrize("off", ["feedback"], indirect=True)
def test_rating__with_feedback_switched_off__makes_no_complaint(off: str, world: World) -> None:
    rated = Satisfaction.objects.filter(service="repairs").first()
    assert rated is not None
    before = Feedback.objects.count()
    with transaction.atomic():
        events.rated_badly.send(satisfaction=rated, resident=world.people["owner"], now=clock.now())
    assert Feedback.objects.count() == before
    page = f"/staff/feedback/{world.more['feedback'].pk}/repair/"
    assert client_of(world, "manager").get(page).status_code == 404


@pytest.mark.parametrize("off", ["help"], indirect=True)
def test_alarm__of_help_switched_off__is_taken_without_its_call(off: str, world: World) -> None:
    call = HelpCall.objects.unanswered().filter(alarm__acknowledged_at=None, estate=world.estate).first()
    assert call is not None
    answer = client_of(world, "dispatcher").post(reverse("take_alarm", args=[call.alarm_id]))
    assert answer.status_code == 302
    assert Alarm.objects.get(pk=call.alarm_id).acknowledged_by == world.people["dispatcher"]
    assert HelpCall.objects.unanswered().filter(pk=call.pk).exists()


@pytest.mark.parametrize("off", ["repairs"], indirect=True)
def test_pages__with_stored_rows_of_a_service_switched_off__show_no_key_of_it(off: str, world: World) -> None:
    owner = world.people["owner"]
    make.make_delegation(resident=owner, delegate=world.people["neighbour"], service="repairs")
    actions.make_token(user=owner, name="plan", scopes=["fees:read"], days=7, now=clock.now())
    ApiToken.objects.update(scopes=["fees:read", "repairs:read"])
    shown = client_of(world, "owner").get("/family/").content.decode()
    assert "周芳" not in shown
    assert ">repairs" not in shown
    assert "repairs:read" not in client_of(world, "owner").get("/me/tokens/").content.decode()


@pytest.mark.parametrize("off", ["renovation"], indirect=True)
def test_notice__with_renovation_switched_off__has_no_group_of_a_project(
    off: str, settings, world: World
) -> None:
    assert audiences.groups_in(world.estate) == []
    settings.SERVICES = KEYS
    assert audiences.groups_in(world.estate)


def test_escalation__of_a_service_switched_off__waits(settings, world: World) -> None:
    ResponseClock.objects.all().delete()
    now = clock.now()
    response_clock.start_clock(world.repair.ref, now=now - timedelta(days=30), url="/staff/repairs/1/")
    settings.SERVICES = [key for key in KEYS if key != "repairs"]
    assert response_clock.escalate_due(now) == 0
    settings.SERVICES = KEYS
    assert response_clock.escalate_due(now) == 1


def said() -> list[CheckMessage]:
    return [found for found in run_checks() if not found.is_silenced()]


def test_checks__of_settings_with_a_wrong_service__name_it(settings) -> None:
    assert said() == []
    settings.SERVICES = [*KEYS, "votes", "fees"]
    assert {found.id for found in said()} == {"linli.E005", "linli.E006"}


def test_check__care_without_fees__is_warned_of(settings) -> None:
    """A visit that has been made becomes a bill, which nobody could see."""
    settings.SERVICES = ["care", "help"]
    assert [found.id for found in said()] == ["linli.W001"]
    settings.SERVICES = ["care", "fees"]
    assert said() == []


def test_page_named__without_such_a_page__is_empty_only_while_a_service_is_off(settings) -> None:
    with pytest.raises(NoReverseMatch):
        page_named("no_such_page")
    settings.SERVICES = ["fees"]
    assert page_named("no_such_page") == ""
