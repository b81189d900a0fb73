"""How long to leave alone what did not answer."""

import time

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0


class Backoff:
    """After a failure nothing is tried for a moment, after another for longer: pages must not wait
    again and again for what is gone, and one slow answer must not silence it for long."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE
        self._until = 0.0

    def may_try(self) -> bool:
        return time.monotonic() >= self._until

    def failed(self) -> None:
        self._until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def succeeded(self) -> None:
        self._pause = FIRST_PAUSE
