"""A street that notices are written to, and a clerk who writes them."""

import pytest

from accounts.models import StaffRole, User
from tests.community.notices.street import Street
from tests.factories import make_estate, make_staff


@pytest.fixture
def street(db: None) -> Street:
    return Street()


@pytest.fixture
def clerk(db: None) -> User:
    return make_staff(role=StaffRole.Role.FRONT_DESK, estate=make_estate())
