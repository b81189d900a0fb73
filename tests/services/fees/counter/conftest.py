"""A home, and the cashier of its estate at the counter."""

import pytest
from django.test import Client

from accounts.models import User
from community.estates.models import Home
from tests.factories import make_cashier, make_home


@pytest.fixture
def home(db: None) -> Home:
    return make_home()


@pytest.fixture
def cashier(home: Home) -> User:
    return make_cashier(estate=home.estate, name="吴燕")


@pytest.fixture
def client(cashier: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    return client
