"""An estate with its clerk, and the scene that bad input is tried on."""

from typing import Any

import pytest

from community.estates.models import Estate
from tests import factories as make
from tests.services.feedback.scene import Scene


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def clerk(estate: Estate) -> Any:
    return make.make_staff(estate=estate, name="孙丽华")


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()
