"""One estate, one of each of its people."""

import pytest

from accounts.models import StaffRole, User
from community.estates.models import Estate, Home
from tests import factories as make

Role = StaffRole.Role


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def home(estate: Estate) -> Home:
    return make.make_home(estate=estate)


@pytest.fixture
def resident(home: Home) -> User:
    return make.make_resident(home=home)


@pytest.fixture
def worker(estate: Estate) -> User:
    return make.make_staff(role=Role.REPAIR_WORKER, estate=estate)


@pytest.fixture
def dispatcher(estate: Estate) -> User:
    return make.make_staff(role=Role.DISPATCHER, estate=estate, name="周敏")
