"""Robots of group chats (企业微信, 钉钉): alarms and the morning's late list, for staff.

A robot message is a row written in the transaction of its cause. A robot cannot be asked what it took, so one in doubt
is not repeated: it fails for staff to see. Texts name places and references, no people.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import F

from community.core import background, clock, limits
from community.core.errors import TooMany
from community.core.limit_table import ROBOT
from community.core.sweeps import sweep_rows
from community.wechat.http import NoAnswer, ask
from community.wechat.models import GroupRobot, RobotMessage

logger = logging.getLogger(__name__)
SAY = "community.wechat.tasks.say"
Status, Kind = RobotMessage.Status, GroupRobot.Kind
# Bytes of a text that both take.
LONGEST = 2000
BUSY = {-1}
# Too many in a minute; DingTalk is then silent for ten minutes.
TOO_MANY = {45009: timedelta(minutes=1), 130101: timedelta(minutes=10), 410100: timedelta(minutes=10)}
BACK_OFF = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
LEASE = timedelta(minutes=1)
SWEEP_MESSAGES = 100


def queue_robots(estate_id: int, *, hears: str, key: str, text: str, now: datetime) -> None:
    """Queues a text to each robot of an estate that hears of ``alarms`` or the ``morning``, once by ``key``.

    Call it inside the transaction of the cause.
    """
    robots = list(GroupRobot.objects.in_use().filter(estate=estate_id, **{f"hears_{hears}": True}))
    if not robots:
        return
    with transaction.atomic():
        RobotMessage.objects.bulk_create(
            [RobotMessage(robot=one, key=key, text=text, next_try_at=now, created_at=now) for one in robots],
            ignore_conflicts=True,
        )
        pks = list(
            RobotMessage.objects.filter(robot__in=robots, key=key, status=Status.PENDING).values_list(
                "pk", flat=True
            )
        )
        transaction.on_commit(lambda: background.queue(SAY, [(pk,) for pk in pks]))


def sweep(*, now: datetime) -> None:
    """Says what is due, and gives up what was cut off in the middle."""
    RobotMessage.objects.filter(status=Status.SENDING, claimed_until__lt=now).update(
        status=Status.FAILED, error="cut in the middle"
    )
    due = RobotMessage.objects.due(now).order_by("next_try_at", "pk")
    pks = list(due.values_list("pk", flat=True)[:SWEEP_MESSAGES])
    sweep_rows(pks, lambda pk: say(pk, now=now), failing="robots: %s could not be said")


def say(pk: int, *, now: datetime) -> None:
    """Says one message if it is due, no other worker has it, and the robot's minute is not full."""
    waiting = RobotMessage.objects.due(now).filter(pk=pk)
    message = waiting.select_related("robot").first()
    if message is None:
        return
    taken = waiting.filter(tries=message.tries).update(
        status=Status.SENDING, claimed_until=now + LEASE, tries=F("tries") + 1
    )
    if not taken:
        return
    try:
        limits.hit(ROBOT, message.robot_id)
    except TooMany as full:
        _write(
            message,
            status=Status.PENDING,
            next_try_at=now + timedelta(seconds=full.retry_after or 60),
            tries=0,
        )
        return
    try:
        _said(message, _call(message.robot, message.text, now), now)
    except NoAnswer as problem:
        if problem.is_sent:
            _write(message, status=Status.FAILED, error=f"uncertain: {problem.reason}")
        else:
            _again(message, problem.reason, now)


def _said(message: RobotMessage, code: int, now: datetime) -> None:
    if code == 0:
        _write(message, status=Status.SENT, sent_at=clock.now(), error="")
    elif code in TOO_MANY:
        _write(message, status=Status.PENDING, next_try_at=now + TOO_MANY[code], error=f"errcode {code}")
    elif code in BUSY:
        _again(message, f"errcode {code}", now)
    else:
        logger.error("robots: %s failed for good: errcode %s", message.pk, code)
        _write(message, status=Status.FAILED, error=f"errcode {code}")


def _again(message: RobotMessage, reason: str, now: datetime) -> None:
    if message.tries >= len(BACK_OFF):
        _write(message, status=Status.FAILED, error=reason)
    else:
        _write(message, status=Status.PENDING, next_try_at=now + BACK_OFF[message.tries], error=reason)


def _write(message: RobotMessage, **outcome: Any) -> None:
    RobotMessage.objects.filter(pk=message.pk, status=Status.SENDING).update(**outcome)


def _call(robot: GroupRobot, text: str, now: datetime) -> int:
    """Returns the robot's ``errcode``. Raises ``NoAnswer``."""
    body = {"msgtype": "text", "text": {"content": _cut(text)}}
    if robot.kind == Kind.WECOM:
        address = f"{settings.WECOM_URL}/cgi-bin/webhook/send?{urlencode({'key': robot.key})}"
    else:
        address = f"{settings.DINGTALK_URL}/robot/send?{urlencode(_signed(robot, now))}"
    return int(ask(address, body).get("errcode") or 0)


def _signed(robot: GroupRobot, now: datetime) -> Mapping[str, str]:
    """Returns DingTalk's parameters, signed if the robot has a secret (加签)."""
    if not robot.secret:
        return {"access_token": robot.key}
    stamp = str(round(now.timestamp() * 1000))
    made = hmac.new(robot.secret.encode(), f"{stamp}\n{robot.secret}".encode(), hashlib.sha256).digest()
    return {"access_token": robot.key, "timestamp": stamp, "sign": base64.b64encode(made).decode()}


def _cut(text: str) -> str:
    return text.encode()[:LONGEST].decode(errors="ignore")
