"""The page of the open API leaves none of its addresses out."""

import re

from django.test import Client
from django.urls import reverse

from tests.support.access import all_routes

NOT_DESCRIBED = {"api_schema", ""}


def without_names(address: str) -> str:
    """``repairs/<int:pk>/`` and ``repairs/{id}/`` alike."""
    return re.sub(r"<[^>]+>|\{\w+\}", "*", address)


def test_api_docs__every_address__is_there(db: None) -> None:
    page = Client().get(reverse("api_docs")).content.decode()
    shown = {without_names(one) for one in re.findall(r"<code>[A-Z]+ /(\S+)</code>", page)}
    routes = {without_names(route) for route, name in all_routes() if name not in NOT_DESCRIBED}
    assert shown == {route for route in routes if route.startswith("api/v1/")}
