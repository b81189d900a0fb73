"""The components: what each one writes, and what none of them may."""

import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from community.core.templatetags.linli import icon_names, money, phone_words, tel

pytestmark = pytest.mark.once

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))


def written(component: str, **given: Any) -> str:
    """A component alone, as a page includes it."""
    pairs = " ".join(f"{name}={name}" for name in given)
    with_pairs = f"with {pairs} only" if pairs else "only"
    source = f'{{% include "components/{component}.html" {with_pairs} %}}'
    with translation.override("en"):
        return Template(source).render(Context(given))


class Report(forms.Form):
    words = forms.CharField(help_text="Or a picture", widget=forms.Textarea)
    phone = forms.CharField(widget=forms.TextInput(attrs={"type": "tel"}))
    where = forms.ChoiceField(choices=[("home", "At home"), ("shared", "Outside")], widget=forms.RadioSelect)
    agree = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component__head__says_what_it_takes(path: Path) -> None:
    assert re.match(
        r"(\{% load [^%]+%\})?\{% comment %\}\n.{20,}?\{% endcomment %\}", path.read_text(), re.DOTALL
    )


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates__markup__has_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"<style|\sstyle=|\son(?:click|change|load|submit|input)=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_icons__named_in_templates__are_in_the_sprite() -> None:
    named: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        named |= set(re.findall(r'{% icon "([\w-]+)" %}', text))
        named |= set(re.findall(r'\b(?:icon|face)="([\w-]+)"', text))

    assert named - icon_names() == set()


def test_icon__unknown_name__becomes_the_tool() -> None:
    assert '#tool"' in Template('{% load linli %}{% icon "dinosaur" %}').render(Context())


def test_money__fen__is_read_as_yuan() -> None:
    assert [money(fen) for fen in (123650, 0, 5, -6800, None)] == [
        "¥1236.50",
        "¥0.00",
        "¥0.05",
        "-¥68.00",
        "",
    ]


def test_phone__of_each_kind__is_grouped_as_people_write_it() -> None:
    assert phone_words("13812345678") == "138 1234 5678"
    assert phone_words("+8613812345678") == "138 1234 5678"
    assert phone_words("02885551234") == "028 8555 1234"
    assert phone_words("120") == "120"
    assert tel("028 8555-1234") == "tel:02885551234"
    assert tel("+86 138 1234 5678") == "tel:+8613812345678"


def test_button__label_of_a_person__is_escaped() -> None:
    assert "&lt;b&gt;" in written("button", label="<b>")


def test_button__to_send__is_switched_off_after_a_tap() -> None:
    assert "data-once" in written("button", label="Send")
    assert "data-once" not in written("button", label="Show", type="button")
    assert "<a " in written("button", label="Go", href="/")


def test_choice__one_tap__is_a_submit_button_with_its_value() -> None:
    html = written("choice", kind="submit", name="what", value="water", label="Water")

    assert '<button class="choice" type="submit" name="what" value="water"' in html


def test_choices__of_radio__tie_each_label_to_its_input() -> None:
    options = [{"value": "a", "label": "One", "checked": True}, {"value": "b", "label": "Two"}]
    html = written("choices", name="which", legend="Which?", options=options)

    assert html.count("checked") == 1
    assert set(re.findall(r'\bid="([^"]+)"', html)) == set(re.findall(r'\bfor="([^"]+)"', html))


def test_field__with_an_error__is_described_by_it() -> None:
    html = written("field", field=Report({"words": ""})["words"])

    assert 'id="id_words_error" role="alert"' in html
    assert 'aria-describedby="id_words_error id_words_hint"' in html
    assert 'aria-invalid="true"' in html


def test_field__without_an_error__says_none() -> None:
    html = written("field", field=Report()["phone"])

    assert 'type="tel"' in html
    assert "error" not in html


def test_field__of_radio__becomes_big_choices() -> None:
    html = written("field", field=Report({"where": "home"})["where"])

    assert html.count('class="choice"') == 2
    assert "<legend" in html
    assert html.count(" checked") == 1


def test_field__hidden_and_tick__stay_what_they_are() -> None:
    assert written("field", field=Report()["token"]).strip().startswith('<input type="hidden"')
    assert 'class="tick"' in written("field", field=Report()["agree"])


def test_steps__the_present_one__is_marked() -> None:
    steps = [{"label": "Reported", "state": "done"}, {"label": "Assigned", "state": "now"}]
    html = written("steps", steps=steps)

    assert html.count('aria-current="step"') == 1
    assert "done</span>" in html


def test_alert__of_trouble__is_an_alert() -> None:
    assert 'role="alert"' in written("alert", text="No", tone="help")
    assert 'role="status"' in written("alert", text="Yes")
    assert "role=" not in written("alert", text="Yes", quiet=True)


def test_capture__plain__fits_an_attribute() -> None:
    source = (
        '{% load linli %}{% capture said plain %}<b>{{ name }}</b> "a"{% endcapture %}<i title="{{ said }}">'
    )

    assert Template(source).render(Context({"name": '"<x>'})) == '<i title="&quot;&lt;x&gt; &quot;a&quot;">'
