"""A street that notices are written to, and a clerk who writes them."""

import pytest

from accounts.models import StaffRole, User
from community.estates.models import Home
from community.notices import audiences
from community.notices.audiences import Group
from tests.community.notices.street import Street
from tests.factories import make_estate, make_staff


@pytest.fixture
def street(db: None) -> Street:
    return Street()


@pytest.fixture
def affected(street: Street, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the homes in the group ``test:1``, the only one there is; a test may change them."""
    keys = [street.home.pk]
    monkeypatch.setattr(audiences, "_sources", {})
    audiences.register_source(
        "test",
        groups=lambda estate: [Group("1", "没有预约的")],
        homes=lambda estate, value: Home.objects.filter(pk__in=keys),
    )
    return keys


@pytest.fixture
def clerk(db: None) -> User:
    return make_staff(role=StaffRole.Role.FRONT_DESK, estate=make_estate())
