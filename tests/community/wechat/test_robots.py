"""Staff hear of alarms and of what is late in their group chat, each once, 20 a minute at most."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from community.core import background, clock
from community.demo.wechat.platform import CUT, Platform
from community.desk.tasks import tell_morning
from community.estates.models import Estate
from community.wechat import robots
from community.wechat.models import GroupRobot, RobotMessage
from services.common.actions import raise_alarm
from tests.factories import make_estate, make_resident

pytestmark = pytest.mark.django_db
Status = RobotMessage.Status
SEND = "/cgi-bin/webhook/send"


@pytest.fixture(autouse=True)
def unqueued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "queue", lambda task, calls: True)


@pytest.fixture
def estate(platform: Platform, settings: Any) -> Estate:
    settings.WECOM_URL = settings.DINGTALK_URL = settings.WECHAT_API_URL
    return make_estate()


def make_robot(estate: Estate, **overrides: Any) -> GroupRobot:
    values: dict[str, Any] = {
        "name": "值班群",
        "kind": "wecom",
        "key": "practice-robot",
        "created_at": clock.now(),
    }
    return GroupRobot.objects.create(estate=estate, **(values | overrides))


def queue(estate: Estate, number: int = 1, first: int = 0) -> None:
    for one in range(first, first + number):
        robots.queue_robots(estate.pk, hears="alarms", key=f"k{one}", text=f"报警 {one}", now=clock.now())


def sweep(after: float = 0) -> None:
    at = clock.now() + timedelta(seconds=after)
    with time_machine.travel(at, tick=False):
        robots.sweep(now=at)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_alarm__is_said_once_without_a_name(estate: Estate, platform: Platform, kind: str):
    secret = platform.robot_secret if kind == "dingtalk" else ""
    make_robot(estate, kind=kind, secret=secret)
    make_robot(make_estate(name="别的小区"))
    caller = make_resident(name="王秀英")
    raise_alarm(estate=estate, title="燃气泄漏", place="3号楼", url="/staff/", by=caller, now=clock.now())
    sweep()
    sweep(1)
    (said,) = platform.state.sent
    assert "3号楼" in said["text"]["content"]
    assert "王秀英" not in said["text"]["content"]


def test_twenty_a_minute__the_rest_waits(estate: Estate, platform: Platform):
    make_robot(estate)
    queue(estate, 23)
    sweep()
    assert len(platform.state.sent) == 20
    assert platform.state.calls.count(SEND) == 20
    assert RobotMessage.objects.filter(status=Status.PENDING).count() == 3


def test_refusals__wait_are_repeated_or_fail_for_staff_to_see(estate: Estate, platform: Platform):
    make_robot(estate)
    platform.state.faults[SEND] = [45009, -1, 0]
    queue(estate, 2)
    sweep()
    assert len(platform.state.sent) == 0
    sweep(30)
    sweep(61)
    assert len(platform.state.sent) == 2
    platform.state.faults[SEND] = [93000]
    queue(estate, 1, first=7)
    sweep(62)
    assert RobotMessage.objects.get(key="k7").error == "errcode 93000"


def test_in_doubt__is_not_said_twice(estate: Estate, platform: Platform):
    make_robot(estate)
    platform.state.faults[SEND] = [CUT]
    queue(estate)
    sweep()
    sweep(100)
    assert len(platform.state.sent) == 1
    assert RobotMessage.objects.get().status == Status.FAILED


def test_morning__with_nothing_late__says_so_once_a_day(estate: Estate, platform: Platform):
    make_robot(estate)
    tell_morning()
    tell_morning()
    sweep()
    (said,) = platform.state.sent
    assert estate.name in said["text"]["content"]
