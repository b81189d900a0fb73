"""Sends an SMS, an approved template with parameters, through the configured gateway."""

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

# Seconds; pages wait at most 3 s for a provider: one to connect, two to read.
PAGE_SECONDS = 2.0
WORKER_SECONDS = 10.0


class SmsRefused(Exception):
    """Raised when the gateway certainly did not send. ``is_final``: retrying cannot help."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class SmsUncertain(Exception):
    """Raised when the gateway may or may not have sent."""


class Answer(StrEnum):
    """Answer of a gateway about an earlier message."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Sender(Protocol):
    """An SMS gateway. It stores our ``key`` with the message, so that we can query it."""

    def send(self, phone: str, template: str, params: Mapping[str, str], key: str) -> str:
        """Sends and returns the gateway's reference. Raises ``SmsRefused`` or ``SmsUncertain``."""

    def ask(self, phone: str, key: str, on: date) -> Answer:
        """Returns what became of a message. Raises ``SmsUncertain`` if the gateway does not say."""


class CodeNotSent(ActionError):
    """Raised when a code for signing in could not be sent."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "code_not_sent", _("The code could not be sent. Please try again in a minute, or call.")
        )


class ConsoleSender:
    """Gateway of the demo: writes messages to the log.

    Outside the demo it refuses and logs neither code nor parameters, since a reader of the log could sign in
    with them.
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
    """Returns the configured gateway; it answers within about ``seconds`` or is uncertain."""
    made: Sender = import_string(SENDERS[settings.SMS_BACKEND])(seconds=seconds)
    return made


def send_code(phone: str, code: str, template: str = messages.SIGN_IN_CODE) -> None:
    """Sends a code at once, for signing in unless ``template`` differs.

    An uncertain gateway may have sent it, so nothing is raised then: the person can ask for another. Raises
    ``CodeNotSent``.
    """
    try:
        sender(seconds=PAGE_SECONDS).send(phone, template, {"code": code}, f"code-{phone[-4:]}")
    except SmsRefused as error:
        logger.error("sms: a code was refused for %s: %s", masked(phone), error)
        raise CodeNotSent from error
    except SmsUncertain as error:
        logger.warning("sms: no clear answer about a code for %s: %s", masked(phone), error)


def masked(phone: str) -> str:
    """Returns a number masked for logs."""
    return f"{phone[:-8]}****{phone[-4:]}"
