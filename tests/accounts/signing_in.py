"""Signing in on the pages, by whatever number."""

from django.test import Client
from django.urls import reverse

from accounts.models import User


def sign_in_by(phone: str, codes: list) -> User | None:
    """The number and its code on the pages; the person who is signed in then."""
    client = Client()
    client.post(reverse("sign_in"), {"phone": phone})
    client.post(reverse("sign_in_code"), {"code": codes[-1]["code"]})
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None
