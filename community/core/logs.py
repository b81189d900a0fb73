"""Lines of the log, each with the number of its request. The settings load it: nothing of Django here."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# The number of the request that is answered, or whose task runs; empty without one.
request_number: ContextVar[str] = ContextVar("request_number", default="")


class NumberedLines(logging.Filter):
    """Logging filter that adds ``request`` to each line; lets all pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.number = request_number.get() or "-"
        return True


class JsonLines(logging.Formatter):
    """Writes a line of the log as one JSON object, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "number", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """Returns the settings of logging: all to standard error, as ``line`` or ``json``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} [{number}] {message}",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
                "style": "{",
            },
            "json": {"()": JsonLines},
        },
        "filters": {
            "no_trace": {"()": "community.core.traces.NoTrace"},
            "numbered": {"()": NumberedLines},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["no_trace", "numbered"],
            }
        },
        # Its lines for debugging name addresses called, whose parameters may be secret.
        "loggers": {"urllib3": {"level": "INFO"}},
        "root": {"handlers": ["console"], "level": level},
    }
