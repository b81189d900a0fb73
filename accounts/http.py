"""Request type of views behind ``login_required``, for type checkers."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User
