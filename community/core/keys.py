"""Keys that do not tell in which order things came about."""

import secrets

# The largest number that every program reads exactly, JavaScript too.
LARGEST = 2**53 - 1


def unordered_key() -> int:
    """A primary key that says nothing of when: a row without a time stays so beside rows that have one."""
    return 1 + secrets.randbelow(LARGEST)
