"""Sending an SMS: an approved template and its parameters, through the gateway of the settings."""

import logging
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError
from community.notifications import messages

logger = logging.getLogger(__name__)

# A page waits for a provider's answer at most 3 s: one to connect, two to read.
PAGE_SECONDS = 2.0
WORKER_SECONDS = 10.0


class SmsRefused(Exception):
    """The gateway surely did not send it. ``is_final``: trying again is of no use."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class SmsUncertain(Exception):
    """The gateway was asked to send and no clear answer came: it may or may not have."""


class Answer(StrEnum):
    """What a gateway says about a message that it was given, or not."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Sender(Protocol):
    """A gateway. ``key`` is ours: the gateway keeps it with the message, so that we can ask for it."""

    def send(self, phone: str, template: str, params: Mapping[str, str], key: str) -> str:
        """Send, and return the gateway's reference. Raises ``SmsRefused`` or ``SmsUncertain``."""

    def ask(self, phone: str, key: str, on: date) -> Answer:
        """What became of it. Raises ``SmsUncertain`` if the gateway does not say."""


class CodeNotSent(ActionError):
    """The code for signing in did not leave the house."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "code_not_sent", _("The code could not be sent. Please try again in a minute, or call.")
        )


class ConsoleSender:
    """The demo's gateway: what would be sent stands in the log of the process.

    Elsewhere it sends nothing, says so, and keeps what it was given out of the log: a code there
    would let whoever reads the log sign in as somebody else.
    """

    def __init__(self, *, seconds: float = 0) -> None:
        self.seconds = seconds

    def send(self, phone: str, template: str, params: Mapping[str, str], key: str) -> str:
        if not (settings.DEMO or settings.TESTING):
            logger.error("SMS to %s not sent: SMS_BACKEND is console (%s)", masked(phone), template)
            raise SmsRefused("no gateway is configured")
        logger.warning("SMS to %s: %s %s", masked(phone), template, dict(params))
        return f"console-{key}"

    def ask(self, phone: str, key: str, on: date) -> Answer:
        return Answer.UNKNOWN


SENDERS = {
    "console": "community.notifications.sms.ConsoleSender",
    "aliyun": "community.notifications.aliyun.AliyunSender",
}


def sender(*, seconds: float = WORKER_SECONDS) -> Sender:
    """The gateway of the settings; it answers within about ``seconds`` or is uncertain."""
    made: Sender = import_string(SENDERS[settings.SMS_BACKEND])(seconds=seconds)
    return made


def send_code(phone: str, code: str, template: str = messages.SIGN_IN_CODE) -> None:
    """Send a code, for signing in unless ``template`` says what else, at once: it is of no use later.

    Raises ``CodeNotSent``.

    A gateway that gives no clear answer may have sent it: then the person waits and can ask for
    another one, so nothing is raised.
    """
    try:
        sender(seconds=PAGE_SECONDS).send(phone, template, {"code": code}, f"code-{phone[-4:]}")
    except SmsRefused as error:
        logger.error("sms: a code was refused for %s: %s", masked(phone), error)
        raise CodeNotSent from error
    except SmsUncertain as error:
        logger.warning("sms: no clear answer about a code for %s: %s", masked(phone), error)


def masked(phone: str) -> str:
    """A number as it may stand in a log."""
    return f"{phone[:-8]}****{phone[-4:]}"
