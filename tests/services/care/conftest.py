"""One estate with a service, its carer, an elder and the coordinator."""

import pytest

from accounts.models import StaffRole, User
from community.estates.models import Estate, Home
from services.care.models import CareService
from services.scheduling.models import Slot
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
def coordinator(estate: Estate) -> User:
    return make.make_staff(role=Role.CARE_COORDINATOR, estate=estate, name="郑慧")


@pytest.fixture
def service(estate: Estate) -> CareService:
    return make.make_care_service(estate=estate, name="助浴")


@pytest.fixture
def carer(service: CareService) -> User:
    return make.make_carer(provider=service.provider).user


@pytest.fixture
def slot(service: CareService) -> Slot:
    """The day after tomorrow at nine, for two."""
    return make.make_slot(resource=service.resource, capacity=2)
