"""An estate and who runs it."""

import pytest

from accounts.models import StaffRole, User
from community.estates.models import Estate
from tests import factories as make


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate(name="幸福里")


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root", "a long root password", name="系统管理员")
