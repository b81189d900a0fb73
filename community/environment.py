"""The environment of the process: each variable, or the file that its name with ``_FILE`` behind it names.

Docker and systemd hand secrets over as files, which no other process and no ``docker inspect`` shows.
"""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _LinesCut(FileAwareMapping):
    """Takes the end of the last line off a file, and names the variable of a file that cannot be read."""

    def __getitem__(self, key: str) -> Any:
        try:
            value = super().__getitem__(key)
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE cannot be read: {error}") from error
        return value.rstrip("\r\n") if isinstance(value, str) else value


class Environment(environ.Env):
    """``environ.Env`` with files; a file goes before a variable of the same name."""

    ENVIRON = _LinesCut()
