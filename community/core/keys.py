"""Primary keys that do not reveal the order of rows."""

import secrets

# Largest integer that JavaScript represents exactly.
LARGEST = 2**53 - 1


def unordered_key() -> int:
    """Returns a random primary key, so that rows without a time cannot be dated by their neighbours."""
    return 1 + secrets.randbelow(LARGEST)
