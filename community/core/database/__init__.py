"""The databases of Django, which tell what a transaction changes right before they commit it."""

from collections.abc import Callable
from typing import Any

from community.core import changes


class TellsChanges:
    """Part of a connection: see ``community.core.changes``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = changes.Changes()
        self.execute_wrappers: list[Callable[..., Any]]
        self.execute_wrappers.append(self._note)

    def commit(self) -> None:
        self._tell()
        super().commit()  # type: ignore[misc]

    def savepoint_commit(self, sid: str) -> None:
        # Below the transaction of a test, which is never committed, a savepoint is the transaction.
        if self._is_alone():
            self._tell()
        super().savepoint_commit(sid)  # type: ignore[misc]

    def savepoint_rollback(self, sid: str) -> None:
        # Before the statement that rolls back: a broken transaction takes no other one.
        if self._is_alone():
            self.changes.forget()
        super().savepoint_rollback(sid)  # type: ignore[misc]

    def rollback(self) -> None:
        self.changes.forget()
        super().rollback()  # type: ignore[misc]

    def close(self) -> None:
        self.changes.forget()
        super().close()  # type: ignore[misc]

    def tell_if_alone(self) -> None:
        """Tells at once what no transaction will tell."""
        if self.changes.topics and self._is_alone():
            self._tell()

    def others_wait(self) -> bool:
        """Whether a pause is due between two transactions for others who wait to write: no, they are woken."""
        return False

    def _is_alone(self) -> bool:
        blocks: list[Any] = self.atomic_blocks  # type: ignore[attr-defined]
        return all(block._from_testcase for block in blocks)  # noqa: SLF001  (Django's own mark of tests)

    def _tell(self) -> None:
        topics = self.changes.topics
        self.changes.forget()
        if topics and changes.tell is not None:
            changes.tell(topics)

    def _note(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # A block without a savepoint ends in silence below the transaction of a test.
        self.tell_if_alone()
        if sql[:6] == "SELECT" or not changes.statement(sql):
            return execute(sql, params, many, context)
        try:
            done = execute(sql, params, many, context)
        except Exception:
            # It changed nothing, and a broken transaction takes no other statement.
            if self._is_alone():
                self.changes.forget()
            raise
        self.tell_if_alone()
        return done
