"""Every word of the product is there in Chinese, and the check that says so sees what it must."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from community.core import audit_words, translations
from tests.support.reading import CHINESE
from tests.support.third_party import untranslated

TEMPLATE = """
{% load i18n %}
<div>{% if a %}
    <h1>{% translate "A heading" %}</h1>
  {% endif %}
{% include "x.html" with label=_("A label") %}{{ "x"|default:_("A default") }}
<p>{% blocktranslate trimmed count number=rows %}
    {{ number }} row isn't here
  {% plural %}
    {{ number }} rows aren't here
{% endblocktranslate %}</p>{% translate "May" context "month" %}
"""


@pytest.fixture
def estate_of_words(tmp_path: Path, settings) -> Path:
    """A small project of its own: one template, one module, no translation yet."""
    for folder in (
        "accounts",
        "community",
        "services",
        "templates/repairs",
        "locale/zh_Hans/LC_MESSAGES/parts",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates/repairs/list.html").write_text(TEMPLATE)
    (tmp_path / "accounts/views.py").write_text('from x import gettext as _\nTEXT = _("Hello %(name)s")\n')
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path / "locale/zh_Hans/LC_MESSAGES"


def test_translation__whole_product__complete():
    assert "\n".join(translations.problems()) == ""


def test_translation__what_django_and_its_packages_say__complete():
    """Where their own Chinese has a gap, ``parts/overrides.po`` has the words."""
    assert not untranslated()


def test_translation__codes__every_act_of_the_audit_record_has_words():
    """Whatever is written with ``audit.record`` is read by people."""
    acts = re.compile(r'(?:audit\.record|record_failure|record_residency|_record)\(\s*"([a-z_.]+)"')
    root = Path(settings.BASE_DIR)
    sources = [path for wing in ("accounts", "community", "services") for path in (root / wing).rglob("*.py")]
    found = {act for path in sources for act in acts.findall(path.read_text())}
    assert len(found) > 40
    with override("zh-hans"):
        assert not [act for act in found if not CHINESE.search(audit_words.act(act))]
        assert audit_words.target("accounts.user:8") == "人员 8"


def test_used_messages__template_and_module__all_found(estate_of_words):
    used = translations.used_messages()
    assert set(used) == {
        ("", "A heading"),
        ("", "A label"),
        ("", "A default"),
        ("", "%(number)s row isn't here"),
        ("month", "May"),
        ("", "Hello %(name)s"),
    }
    assert used["", "%(number)s row isn't here"].plural == "%(number)s rows aren't here"
    assert used["", "A heading"].places == ["templates/repairs/list.html:4"]
    assert used["", "A heading"].area == "repairs"


def test_skeleton__nothing_translated__entries_that_parse(estate_of_words):
    text = translations.skeleton()
    (estate_of_words / "parts/repairs.po").write_text(text)
    assert all(problem.startswith("repairs.po: empty") for problem in translations.problems())
    assert len(translations.problems()) == 6


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('msgid "Hello %(name)s"\nmsgstr "你好 %(nam)s"', "placeholders differ"),
        ('#, fuzzy\nmsgid "Hello %(name)s"\nmsgstr "你好 %(name)s"', "marked fuzzy"),
        ('msgid "Hello %(name)s"\nmsgstr ""', "empty"),
        ('msgid "Goodbye"\nmsgstr "再见"', "no longer used"),
        ('msgid "A label"\nmsgstr "一"\n\nmsgid "A label"\nmsgstr "二"', "twice in this file"),
    ],
)
def test_problems__bad_entry__named(estate_of_words, entry, problem):
    (estate_of_words / "parts/accounts.po").write_text(entry + "\n", encoding="utf-8")
    assert any(problem in found and found.startswith("accounts.po") for found in translations.problems())


def test_problems__same_msgid_in_two_parts__named(estate_of_words):
    for name in ("accounts", "repairs"):
        (estate_of_words / f"parts/{name}.po").write_text(
            'msgid "A label"\nmsgstr "标签"\n', encoding="utf-8"
        )
    assert "repairs.po: also in accounts.po: 'A label'" in translations.problems()


def test_compile__parts__one_catalogue_with_plural_and_context(estate_of_words):
    (estate_of_words / "parts/repairs.po").write_text(
        'msgctxt "month"\nmsgid "May"\nmsgstr "五月"\n\n'
        'msgid "one row"\nmsgid_plural "%(number)s rows"\nmsgstr[0] "%(number)s 行"\n',
        encoding="utf-8",
    )
    assert translations.compile_all() == 2
    assert not translations.compile_if_stale()
    with (estate_of_words / "django.mo").open("rb") as compiled:
        catalog = GNUTranslations(compiled)
    assert catalog.pgettext("month", "May") == "五月"
    assert catalog.ngettext("one row", "%(number)s rows", 1) == "%(number)s 行"
