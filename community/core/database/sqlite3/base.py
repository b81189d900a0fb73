"""SQLite; Django looks for it here, by the engine of the settings."""

from django.db.backends.sqlite3 import base

from community.core.database import TellsChanges


class DatabaseWrapper(TellsChanges, base.DatabaseWrapper):
    """A connection that tells what a transaction changes before it is committed."""
