"""A home in a project whose booking is open."""

import pytest

from tests.factories.renovation import Site


@pytest.fixture
def site(db: None) -> Site:
    return Site()
