"""SQLite; Django looks for it here, by the engine of the settings."""

import fcntl
import os
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from community.core.database import TellsChanges


class DatabaseWrapper(TellsChanges, base.DatabaseWrapper):
    """A connection that tells what a transaction changes before it is committed, and whether others wait to write.

    SQLite lets one write at a time, wakes nobody and does not say who waits. So whoever asks to write holds a
    shared lock on a file beside the database until it may: who writes in many transactions looks there.
    """

    _queue: int | None = None

    def others_wait(self) -> bool:
        """Whether another connection waits to write. Call it outside a transaction; True if it cannot be known."""
        queue = self._open_queue()
        if queue is None:
            return True
        try:
            fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(queue, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        super().close()
        if self._queue is not None:
            os.close(self._queue)
            self._queue = None

    def _note(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        queue = None if self.in_atomic_block or sql[:6] == "SELECT" else self._open_queue()
        if queue is None:
            return super()._note(execute, sql, params, many, context)
        fcntl.flock(queue, fcntl.LOCK_SH)
        try:
            return super()._note(execute, sql, params, many, context)
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)

    def _open_queue(self) -> int | None:
        name = str(self.settings_dict["NAME"])
        if self._queue is None and not self.is_in_memory_db():
            self._queue = os.open(f"{name}-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._queue
