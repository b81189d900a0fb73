"""The tags that find out once what never differs print what Django's print."""

from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.test import override_settings
from django.urls import NoReverseMatch
from django.utils import translation

LOADED = "{% load i18n static %}"
OURS = {"i18n": "community.core.quick_tags", "static": "community.core.quick_tags"}
DJANGOS = {"i18n": "django.templatetags.i18n", "static": "django.templatetags.static"}
TEMPLATES = [
    "{% translate 'Back' %} {% translate 'Home' context 'tab' %} {% translate 'No such words 100%' %}",
    "{% translate 'Back' as words %}{{ words }}{{ words|length }} {% translate heading %} {% trans heading|upper %}",
    "{% autoescape off %}{% translate 'a < b' %}{% endautoescape %}{% translate 'a < b' %} {% translate 'Back' noop %}",
    "{% blocktranslate with number=key %}Step {{ number }} of {{ total }}{% endblocktranslate %}",
    "{% for n in numbers %}{% blocktranslate trimmed count number=n %}{{ number }} job{% plural %}{{ number }} jobs"
    "{% endblocktranslate %} {% blocktranslate %}{{ heading }} & 5%{% endblocktranslate %}{% endfor %}",
    "{% translate 'Back' %}{% language 'en' %}{% translate 'Back' %}{% endlanguage %}{% language 'zh-hans' %}"
    "{% translate 'Back' %}{% get_current_language as now %}{{ now }}{% endlanguage %}{% translate 'Back' %}",
    "{% url 'home' %} {% url 'bill' key %} {% url 'bill' pk=key %} {% url 'bill' 7 %} {% url name key %}",
    "{% url 'board_act' key 'accept' %} {% url 'board_act' key verb %} {% url 'renovation_home' key 5 %}",
    "{% url 'bill' key as there %}{{ there }} {% url 'nowhere' key as none %}[{{ none }}] {% url 'admin:index' %}",
    "{% static 'css/base.css' %} {% static file %} {% static 'css/base.css' as css %}{{ css }}",
]
KNOWN: dict[str, Any] = {
    "heading": "Back",
    "key": 12,
    "total": 3,
    "numbers": [1, 2],
    "name": "bill",
    "verb": "assign",
    "file": "css/a&b.css",
}


def printed(template: str, libraries: dict[str, str], **known: Any) -> list[str]:
    builtins = ["community.core.quick_tags"] if libraries is OURS else []
    made = Engine(libraries=libraries, builtins=builtins).from_string(LOADED + template)
    found = []
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            found.append(made.render(Context(KNOWN | known)))
    return found


@pytest.mark.parametrize("template", TEMPLATES)
def test_tag__in_every_language__prints_what_djangos_prints(template: str) -> None:
    assert printed(template, OURS) == printed(template, DJANGOS)
    other = {"key": 44, "heading": "Home page", "file": "img/mark.svg"}
    assert printed(template, OURS, **other) == printed(template, DJANGOS, **other)


def test_url__of_a_key_that_no_address_has__is_refused_as_by_django() -> None:
    for template in ("{% url 'bill' key %}", "{% url 'nowhere' %}"):
        with pytest.raises(NoReverseMatch):
            printed(template, OURS, key=-1)


def test_url__of_other_addresses__is_found_among_them() -> None:
    assert printed("{% url 'bill' key %}", OURS)[0] == "/fees/12/"
    with override_settings(ROOT_URLCONF="tests.bench.bare_urls"):
        assert printed("{% url 'bill' key %}", OURS)[0] == "/fees/12/"
    assert OURS.items() <= settings.TEMPLATES[0]["OPTIONS"]["libraries"].items()
