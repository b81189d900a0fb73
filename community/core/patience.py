"""How long to leave alone what did not answer."""

import time

PAUSE_SECONDS = 5.0


class Patience:
    """After a failure nothing is tried for a few seconds: pages must not wait again and again."""

    def __init__(self) -> None:
        self._until = 0.0

    def may_try(self) -> bool:
        return time.monotonic() >= self._until

    def failed(self) -> None:
        self._until = time.monotonic() + PAUSE_SECONDS
