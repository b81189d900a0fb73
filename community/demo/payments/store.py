"""SQLite file of the local payment server: orders, refunds, notices to send, and planned faults."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, token TEXT NOT NULL UNIQUE,
    merchant TEXT NOT NULL, app TEXT NOT NULL, amount INTEGER NOT NULL, subject TEXT NOT NULL,
    notify_url TEXT NOT NULL, return_url TEXT NOT NULL DEFAULT '', openid TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open', paid_number TEXT NOT NULL DEFAULT '', is_born INTEGER NOT NULL DEFAULT 1,
    created_at REAL NOT NULL, expires_at REAL NOT NULL, paid_at REAL
);
CREATE TABLE IF NOT EXISTS refunds (
    number TEXT PRIMARY KEY, order_number TEXT NOT NULL, provider_number TEXT NOT NULL, amount INTEGER NOT NULL,
    state TEXT NOT NULL, notify_url TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY, order_number TEXT NOT NULL, refund_number TEXT NOT NULL DEFAULT '',
    event TEXT NOT NULL, trick TEXT NOT NULL DEFAULT '', due_at REAL, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS notices_due ON notices (due_at);
CREATE TABLE IF NOT EXISTS faults (name TEXT PRIMARY KEY, value TEXT NOT NULL, left INTEGER NOT NULL);
"""
NO_TIME = 0.0


class Store:
    """The tables of one file, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def empty(self) -> None:
        """Forgets all orders, refunds, notices and faults."""
        for table in ("orders", "refunds", "notices", "faults"):
            self.write(f"DELETE FROM {table}")  # noqa: S608  (our own names)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def row(self, query: str, *values: Any) -> dict[str, Any] | None:
        found = self.rows(query, *values)
        return found[0] if found else None

    def write(self, query: str, *values: Any) -> int:
        """Returns how many rows it changed."""
        with self._lock:
            return self._connection.execute(query, values).rowcount

    def order(self, number: str) -> dict[str, Any] | None:
        return self.row("SELECT * FROM orders WHERE number = ?", number)

    def order_of_page(self, token: str) -> dict[str, Any] | None:
        return self.row("SELECT * FROM orders WHERE token = ?", token)

    def add(self, table: str, **values: Any) -> int:
        """Inserts a row unless its key is there; returns how many were inserted."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        query = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  (our own names)
        return self.write(query, *values.values())

    def add_all(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Inserts many rows at once."""
        with self._lock:
            self._connection.execute("BEGIN")
            for row in rows:
                self.add(table, **row)
            self._connection.execute("COMMIT")

    def refunds_of(self, number: str) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM refunds WHERE order_number = ? ORDER BY at, number", number)

    def pay(self, number: str, paid_number: str, now: float) -> bool:
        """Marks an open order as paid; returns False for one that is paid, closed or expired."""
        query = """UPDATE orders SET state = 'paid', paid_number = ?, paid_at = ?, is_born = 1
            WHERE number = ? AND state = 'open' AND expires_at > ?"""
        return bool(self.write(query, paid_number, now, number, now))

    def close_order(self, number: str) -> bool:
        query = "UPDATE orders SET state = 'closed' WHERE number = ? AND state = 'open'"
        return bool(self.write(query, number))

    def set_fault(self, name: str, value: str, times: int = 1) -> None:
        """Has the next ``times`` calls of a kind go wrong; 0 for none."""
        query = "INSERT OR REPLACE INTO faults (name, value, left) VALUES (?, ?, ?)"
        self.write(query, name, value, times)

    def take_fault(self, name: str) -> str:
        """Returns what shall go wrong with this call, and counts it; empty for nothing."""
        with self._lock:
            found = self.row("SELECT value FROM faults WHERE name = ? AND left > 0", name)
            self.write("UPDATE faults SET left = left - 1 WHERE name = ? AND left > 0", name)
        return str(found["value"]) if found else ""
