"""The steps of a sign-in, for the tests of its limits and of devices."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

NUMBER, PHONE = "13812345678", "+8613812345678"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.7"


def ask(client: Client, number: str = NUMBER) -> Any:
    return client.post(reverse("sign_in"), {"phone": number})


def enter_code(client: Client, code: str) -> Any:
    return client.post(reverse("sign_in_code"), {"code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def enter(client: Client, username: str, password: str = PASSWORD) -> Any:
    return client.post(reverse("staff_sign_in"), {"username": username, "password": password})
