"""Checks of every answer: it is not cached, and a GET writes nothing."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from tests.support.access import Row

WRITES = re.compile(
    r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)', re.IGNORECASE
)
# Tables that any request may write: extended sessions, daily presence, and the audit record of reading and of
# refusals, with their counts.
ALWAYS = {"django_session", "desk_presence", "core_auditrecord", "core_failurecount"}
# Tables of due steps of calls for help, which a polling page takes if the workers are gone.
DUE = {"help_helpcall", "help_helpstep", "notifications_livetopic", "notifications_outboxmessage"}
# Further tables that a GET writes on purpose: that a message or notice was opened.
WRITTEN_BY_ASKING: dict[str, set[str]] = {
    "open_notice": {"notifications_inboxnotice", "notifications_livetopic"},
    "notice": {"notices_noticereading", "notifications_inboxnotice", "notifications_livetopic"},
    "live_numbers": DUE,
    "alarms": DUE,
}
# Answers that are the same for all, which the browser may cache.
KEPT = {"work_sw": "no-cache", "offline_worker": "no-cache"}


@contextmanager
def watching_writes() -> Iterator[set[str]]:
    """Collects the tables that are written to inside."""
    tables: set[str] = set()

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITES.match(sql)
        if found:
            tables.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield tables


def faults_of(name: str, row: Row, response: HttpResponseBase, tables: set[str]) -> list[str]:
    """Returns the faults of an answer, for any person."""
    faults = []
    kept = response.headers.get("Cache-Control")
    if kept != KEPT.get(name, "private, no-store"):
        faults.append(f"may be kept: {kept}")
    unexpected = tables - ALWAYS - WRITTEN_BY_ASKING.get(name, set())
    if row.method == "get" and unexpected:
        faults.append(f"asking for it writes {sorted(unexpected)}")
    return faults
