"""Test client for walks over hundreds of pages; it stores no contexts and templates."""

from functools import cache
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler


@cache
def _handler() -> ClientHandler:
    """Returns a handler with the middleware, loaded once a process instead of once a client."""
    return ClientHandler(enforce_csrf_checks=False)


class LeanClient(Client):
    """Answers without ``context`` and ``templates``, for which Django copies the context of every include.

    An error in a page is a response of 500, with its traceback in the log.
    """

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.handler = _handler()

    def request(self, **request: Any) -> HttpResponseBase:  # type: ignore[override]
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response
