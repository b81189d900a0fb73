"""What every page of a resident shows: the estate and the home that they are in."""

from typing import Any

from django.http import HttpRequest


def place(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``estate`` and ``home``, looked up when a template asks."""
    return {}
