"""The only calls outward of this app: to WeChat, and to the robots of group chats."""

import json
from typing import Any

from requests.exceptions import ConnectTimeout
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from community.core import outward

SECONDS = 3.0
CALL_SECONDS, MAX_BYTES = 5.0, 200_000


class NoAnswer(Exception):
    """Raised when an address gives no JSON object in time.

    ``is_sent``: the request may have arrived. ``reason`` is for logs; it never holds the address, whose parameters
    are secret.
    """

    def __init__(self, reason: str, *, is_sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_sent = is_sent


def ask(address: str, body: Any = None) -> dict[str, Any]:
    """Returns the JSON object that an address answers with, to a POST if there is a ``body``.

    Each wait for the other side ends after ``SECONDS``. Raises ``NoAnswer``.
    """
    sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"} if sent is not None else {}
    verb = "POST" if sent is not None else "GET"
    try:
        with outward.allowing(seconds=CALL_SECONDS, size=MAX_BYTES):
            answer = outward.SESSION.request(verb, address, data=sent, headers=headers, timeout=SECONDS)
            content = answer.content
    except (OSError, ValueError) as error:
        raise _no_answer(error) from None
    if answer.status_code != 200:
        raise NoAnswer(f"HTTP {answer.status_code}", is_sent=True)
    try:
        found = json.loads(content)
    except ValueError:
        raise NoAnswer("no JSON", is_sent=True) from None
    if not isinstance(found, dict):
        raise NoAnswer("no object", is_sent=True)
    return found


def _no_answer(error: Exception) -> NoAnswer:
    """Returns the reason without the error's own words, and whether a connection was made at all."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    is_unsent = isinstance(error, (outward.CallRefused, ConnectTimeout)) or isinstance(
        reason, (NewConnectionError, ConnectTimeoutError)
    )
    return NoAnswer(type(error).__name__, is_sent=not is_unsent)
