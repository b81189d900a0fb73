"""All events that lower apps send to higher ones.

Handlers are registered in ``AppConfig.ready``, run inside the sender's transaction and touch only the
database. Only ``page_polled`` is sent outside a transaction: its handler catches its own errors and may start
a thread that sends SMS. There are no other custom signals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from community.core.services import is_on


class Event:
    """A named event. Errors of handlers propagate to the sender and roll back its transaction."""

    def __init__(self, name: str) -> None:
        self.name = name
        # The service of each handler that is not called while it is switched off, or "".
        self._handlers: dict[Callable[..., Any], str] = {}

    def connect(self, handler: Callable[..., Any], *, service: str = "") -> None:
        """Adds a handler. It is not called while ``service``, if one is given, is switched off."""
        self._handlers.setdefault(handler, service)

    def send(self, **happening: Any) -> list[Any]:
        """Calls the handlers, and returns what they answer."""
        return [
            handler(**happening)
            for handler, service in self._handlers.items()
            if not service or is_on(service)
        ]


@dataclass(frozen=True)
class Made:
    """Row that a handler created for an event: its key, reference and page."""

    pk: int
    reference: str
    url: str


residency_ended = Event("residency_ended")  # residency, now
role_ended = Event("role_ended")  # role, now: a role of staff, by a page, the admin or a cascade
consent_withdrawn = Event("consent_withdrawn")  # person, purpose, now
bill_settled = Event("bill_settled")  # bill, now
place_lapsed = Event("place_lapsed")  # place, now: not confirmed in time
place_offered = Event("place_offered")  # waiting, now: a freed place is held for this person
rated_badly = Event("rated_badly")  # satisfaction, resident (None if anonymous), now
alarm_taken = Event("alarm_taken")  # alarm, by, now: acknowledged at the desk
# resident, by, estate, home, icon, words, key, now: renovated work broke within its warranty. The answer is
# ``Made``; repeating ``key`` returns the same one.
warranty_claimed = Event("warranty_claimed")
page_polled = Event("page_polled")  # now: an open page asks for updates; outside any transaction
