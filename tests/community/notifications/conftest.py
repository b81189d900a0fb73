from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from tests.support.gateway import Gateway, running_gateway

TEMPLATES = {
    "repair_done": "SMS_1",
    "repair_quoted": "SMS_2",
    "sign_in_code": "SMS_3",
    "job_assigned": "SMS_4",
}


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """A local gateway, and the settings that lead to it."""
    with running_gateway() as running:
        for name, value in running.environment(TEMPLATES).items():
            setattr(settings, name, value)
        yield running


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user(name="王秀英", phone="+8613812345678")


@pytest.fixture
def resident(transactional_db: None) -> User:
    """The same person, seen by other processes and threads too."""
    return User.objects.create_user(name="王秀英", phone="+8613812345678")
