"""The board as somebody's browser gets it."""

from django.test import Client
from django.urls import reverse

from accounts.models import User


def as_user(user: User, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def column(html: str, key: str) -> str:
    """The part of the board that is one column."""
    return html.partition(f'data-column="{key}"')[2].partition("</section>")[0]


def board_of(user: User, query: str = "") -> str:
    response = as_user(user).get(reverse("board") + query)
    assert response.status_code == 200
    return response.content.decode()
