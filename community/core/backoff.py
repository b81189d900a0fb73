"""Growing pauses after failures of a remote system."""

import time

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0


class Backoff:
    """Pauses after a failure, longer after the next: pages do not wait again and again, yet recovery is
    noticed soon.
    """

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE
        self._until = 0.0

    def may_try(self) -> bool:
        """Whether the pause is over."""
        return time.monotonic() >= self._until

    def failed(self) -> None:
        """Starts a pause, twice as long as the last."""
        self._until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def succeeded(self) -> None:
        """Resets the pause."""
        self._pause = FIRST_PAUSE
