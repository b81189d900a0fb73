"""The page of the open API leaves none of its addresses out."""

import re

from django.conf import settings
from django.test import Client
from django.urls import reverse

from community.home import api_docs
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


def test_schema__asked_for_again__is_the_same_in_its_language(db: None) -> None:
    client = Client()
    in_english, in_chinese = (client.get(reverse("api_schema"), {"lang": one}) for one in ("en", "zh-hans"))
    assert in_english.content != in_chinese.content
    assert client.get(reverse("api_schema"), {"lang": "en"}).content == in_english.content
    assert client.get(reverse("api_schema"), {"lang": "zh-hans"}).content == in_chinese.content


def test_schema__in_a_language_that_nobody_wrote__is_in_chinese_and_kept_once(db: None) -> None:
    client = Client()
    in_chinese = client.get(reverse("api_schema"), {"lang": "zh-hans"}).content
    for language in ("xx", "tlh", "made-up"):
        assert client.get(reverse("api_schema"), {"lang": language}).content == in_chinese
    assert set(api_docs._schemas) <= set(dict(settings.LANGUAGES))
