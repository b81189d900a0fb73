"""For type checkers: the request of a view behind ``login_required``."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User
