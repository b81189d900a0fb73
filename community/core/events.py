"""What a lower app tells a higher one: the whole list.

Handlers are registered in ``AppConfig.ready``, run inside the sender's transaction, and touch
the database only. ``page_polled`` alone is sent outside any transaction: its handler keeps its errors
to itself, and may start a thread that sends SMS. There are no other custom signals.
"""

from collections.abc import Callable
from typing import Any


class Event:
    """A named happening. A handler's error goes on to the sender, and rolls back their transaction."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: list[Callable[..., None]] = []

    def connect(self, handler: Callable[..., None]) -> None:
        if handler not in self._handlers:
            self._handlers.append(handler)

    def send(self, **happening: Any) -> None:
        for handler in self._handlers:
            handler(**happening)


residency_ended = Event("residency_ended")  # residency, now
bill_settled = Event("bill_settled")  # bill, now
place_lapsed = Event("place_lapsed")  # place, now: nobody confirmed it in time
place_offered = Event("place_offered")  # waiting, now: a freed place is kept for this one
rated_badly = Event("rated_badly")  # satisfaction, resident (None where there is no name), now
alarm_taken = Event("alarm_taken")  # alarm, by, now: somebody at the desk sees to it
page_polled = Event("page_polled")  # now: an open page asks what is new; outside any transaction
