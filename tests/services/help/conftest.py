"""One estate with an elder, the desk, and two who are on duty."""

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
def elder(home: Home) -> User:
    return make.make_resident(home=home, name="王秀英")


@pytest.fixture
def desk(estate: Estate) -> User:
    return make.make_staff(role=Role.FRONT_DESK, estate=estate, name="周婷")


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate, name="赵敏")


@pytest.fixture
def carer(estate: Estate) -> User:
    """On duty first, at every hour."""
    person = make.make_staff(role=Role.CARER, estate=estate, name="冯桂兰")
    make.make_week_of_duty(estate=estate, user=person)
    return person
