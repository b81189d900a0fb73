"""Days that people type: those of ``community.core``, by the name under which services know them."""

from community.core.dates import day_of, near

__all__ = ["day_of", "near"]
