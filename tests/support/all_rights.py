"""A system administrator who may see and write every list of the back office, which nobody may in truth.

For tests that walk all lists and ask how these work, not who opens them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts import backends
from accounts.models import Administration
from community.core.services import all_on


@contextmanager
def all_rights() -> Iterator[None]:
    """Gives the system administrators every right that any role has."""
    declared = backends.permissions_of

    def permissions_of(role: str) -> frozenset[str]:
        if role != Administration.SYSTEM:
            return declared(role)
        return frozenset().union(*(declared(one) for app in all_on() for one in app.rights))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "permissions_of", permissions_of)
        yield
