import time
from datetime import date
from typing import Any

import pytest

from community.core import clock
from community.notifications import sms
from tests.support.gateway import Gateway

PHONE = "+8613812345678"
PARAMS = {"what": "厨房水龙头 & 100%漏水", "price": "¥80.00"}


def today() -> date:
    return clock.today(clock.now())


def test_send__to_the_gateway__carries_template_params_and_our_key(gateway: Gateway) -> None:
    reference = sms.sender().send(PHONE, "repair_quoted", PARAMS, "outbox-7")

    assert reference == "biz-of-outbox-7"
    (kept,) = gateway.kept
    assert kept["PhoneNumbers"] == "13812345678"
    assert kept["TemplateCode"] == "SMS_2"
    assert kept["SignName"] == "邻里"
    assert kept["OutId"] == "outbox-7"
    assert '"what": "厨房水龙头 & 100%漏水"' in kept["TemplateParam"]


def test_send__with_a_wrong_secret__is_refused_by_the_signature(gateway: Gateway, settings: Any) -> None:
    settings.ALIYUN_SMS_ACCESS_KEY_SECRET = "another"
    with pytest.raises(sms.SmsRefused, match="SignatureDoesNotMatch") as refused:
        sms.sender().send(PHONE, "repair_done", {}, "outbox-7")
    assert not refused.value.is_final
    assert gateway.kept == []


@pytest.mark.parametrize(
    ("reply", "is_final"),
    [
        ((200, "isv.BUSINESS_LIMIT_CONTROL"), False),
        ((200, "isv.AMOUNT_NOT_ENOUGH"), False),
        ((400, "Throttling.User"), False),
        ((200, "isv.MOBILE_NUMBER_ILLEGAL"), True),
        ((400, "isv.SMS_TEMPLATE_ILLEGAL"), True),
    ],
)
def test_send__refused__says_whether_a_later_try_can_help(
    gateway: Gateway, reply: tuple[int, str], is_final: bool
) -> None:
    gateway.replies["13812345678"] = reply
    with pytest.raises(sms.SmsRefused) as refused:
        sms.sender().send(PHONE, "repair_done", {}, "outbox-7")
    assert refused.value.is_final is is_final
    assert len(gateway.keys("send")) == 1


@pytest.mark.parametrize(
    "reply", [(500, "InternalError"), (503, "ServiceUnavailable"), (200, "isp.SYSTEM_ERROR")]
)
def test_send__their_side_breaks__is_uncertain_and_not_repeated(
    gateway: Gateway, reply: tuple[int, str]
) -> None:
    gateway.replies["13812345678"] = reply
    with pytest.raises(sms.SmsUncertain):
        sms.sender().send(PHONE, "repair_done", {}, "outbox-7")
    assert len(gateway.keys("send")) == 1


def test_send__no_answer_in_time__is_uncertain(gateway: Gateway) -> None:
    gateway.slow_seconds = 1.5
    began = time.monotonic()
    with pytest.raises(sms.SmsUncertain):
        sms.sender(seconds=0.3).send(PHONE, "repair_done", {}, "outbox-7")
    assert time.monotonic() - began < 1.2
    assert len(gateway.kept) == 1


def test_send__nobody_listens__was_surely_not_sent(settings: Any, gateway: Gateway) -> None:
    settings.ALIYUN_SMS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(sms.SmsRefused, match="cannot be reached"):
        sms.sender().send(PHONE, "repair_done", {}, "outbox-7")


def test_send__without_an_approved_template__fails_for_good(gateway: Gateway) -> None:
    with pytest.raises(sms.SmsRefused) as refused:
        sms.sender().send(PHONE, "repair_declined", {}, "outbox-7")
    assert refused.value.is_final


def test_ask__finds_our_key_among_many(gateway: Gateway) -> None:
    for number in range(55):
        gateway.answer(
            "SendSms", {"PhoneNumbers": "13812345678", "OutId": f"outbox-{number}", "TemplateCode": "1"}
        )
    gateway.delivery = {"outbox-51": 2, "outbox-52": 1}
    sender = sms.sender()
    assert sender.ask(PHONE, "outbox-54", today()) == "sent"
    assert sender.ask(PHONE, "outbox-52", today()) == "sent"
    assert sender.ask(PHONE, "outbox-51", today()) == "failed"
    assert sender.ask(PHONE, "outbox-99", today()) == "unknown"


def test_ask__gateway_refuses_to_say__is_uncertain(gateway: Gateway) -> None:
    gateway.replies["ask:13812345678"] = (200, "isv.RAM_PERMISSION_DENY")
    with pytest.raises(sms.SmsUncertain):
        sms.sender().ask(PHONE, "outbox-1", today())


def test_send_code__refused__tells_the_person(gateway: Gateway) -> None:
    gateway.replies["13812345678"] = (200, "isv.BUSINESS_LIMIT_CONTROL")
    with pytest.raises(sms.CodeNotSent):
        sms.send_code(PHONE, "123456")


def test_send_code__gateway_hangs__holds_the_page_for_less_than_three_seconds(gateway: Gateway) -> None:
    gateway.slow_seconds = 5
    began = time.monotonic()
    sms.send_code(PHONE, "123456")
    assert time.monotonic() - began < 3


def test_console__shows_what_would_be_sent(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SMS_BACKEND = "console"
    sms.send_code(PHONE, "123456")
    assert "123456" in caplog.text
    assert "13812345678" not in caplog.text


def test_console__outside_the_demo__sends_nothing_and_logs_no_code(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_BACKEND, settings.DEMO, settings.TESTING = "console", False, False
    with pytest.raises(sms.CodeNotSent):
        sms.send_code(PHONE, "123456")
    assert "not sent" in caplog.text
    assert "123456" not in caplog.text.replace(PHONE, "")
    assert "13812345678" not in caplog.text
