"""Parts of a template that are kept for the next page."""

from django.template import Context, Template
from django.utils import translation


def test_kept__other_person_in_the_context__sees_nothing_of_either() -> None:
    part = Template(
        "{% load linli %}{% kept current %}{{ current }}{{ user }}{{ request.path }}{% endkept %}"
    )
    shown = {
        part.render(Context({"current": "home", "user": name, "request": {"path": "/"}})) for name in "ab"
    }
    assert shown == {"home"}


def test_kept__another_value_or_language__is_made_for_it() -> None:
    part = Template(
        "{% load i18n linli %}{% kept known=user.name %}{% translate 'Back' %} {{ known }}{% endkept %}"
    )
    asked = [("en", "a"), ("zh-hans", "a"), ("en", "b"), ("en", "a")]
    shown = []
    for language, name in asked:
        with translation.override(language):
            shown.append(part.render(Context({"user": {"name": name}})))
    assert shown == ["Back a", "返回 a", "Back b", "Back a"]


def test_kept__typed_text__is_escaped() -> None:
    part = Template("{% load linli %}{% kept typed %}{{ typed }}{% endkept %}")
    assert part.render(Context({"typed": "<b>"})) == "&lt;b&gt;"


def test_kept__used_twice_with_many_values__does_not_grow_without_end() -> None:
    part = Template("{% load linli %}{% kept number %}{{ number }}{% endkept %}")
    node = part.nodelist[1]
    for number in range(1000):
        assert part.render(Context({"number": number})) == str(number)
    assert len(node.kept) <= 200
