"""Signing in on the pages: step by step, or by a number and its code."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD

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


def sign_in_by(phone: str, codes: list) -> User | None:
    """The number and its code on the pages; the person who is signed in then."""
    client = Client()
    ask(client, phone)
    enter_code(client, codes[-1]["code"])
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None
