"""The living page of the design: every token and component as the product really shows them."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from community.core.templatetags.linli import icon_names
from community.home.design_samples import WORDS, samples
from community.home.design_tokens import ACCENTS, MODES, THEMES, contrasts, tokens

COLOURS = ("bg", "card", "soft", "line", "edge", "fg", "fg2", *ACCENTS, "btn", "danger", "focus")


class SampleForm(forms.Form):
    """A field of each kind; ``code`` is wrong, to show an error."""

    words = forms.CharField(
        label=WORDS["in_a_sentence"], help_text=WORDS["or_a_picture"], widget=forms.Textarea
    )
    phone = forms.CharField(
        label=WORDS["phone"], widget=forms.TextInput(attrs={"type": "tel", "inputmode": "numeric"})
    )
    code = forms.CharField(
        label=WORDS["code"], widget=forms.TextInput(attrs={"class": "code", "inputmode": "numeric"})
    )
    where = forms.ChoiceField(
        label=WORDS["where"],
        choices=[("home", WORDS["at_home"]), ("shared", WORDS["outside"])],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label=WORDS["i_agree"])


def _sample(mode: str, theme: str) -> dict[str, Any]:
    """Context of one frame; the prefix keeps names and ids apart from the other frames."""
    prefix = f"{mode}-{theme}"
    given = {f"{prefix}-phone": "13812345678", f"{prefix}-code": "482913", f"{prefix}-where": "home"}
    form = SampleForm(given, prefix=prefix)
    form.is_valid()
    values = tokens(mode, theme)
    pairs = contrasts(mode, theme)
    return {
        "mode": mode,
        "theme": theme,
        "prefix": prefix,
        "form": form,
        "colours": [(name, values[name]) for name in COLOURS],
        "contrasts": pairs,
        "lowest": min(pairs, key=lambda pair: pair.figure / pair.least),
    }


def design(request: HttpRequest) -> HttpResponse:
    """The design page, in development and in the demo only.

    In the large mode it shows only the frames of that mode, whose sizes the page itself has too.
    """
    if not (settings.DEBUG or settings.DEMO or settings.TESTING):
        raise Http404
    mode = getattr(request, "mode", "standard")
    shown = MODES if mode == "standard" else ("large",)
    context = {
        "frames": [_sample(one, theme) for one in shown for theme in THEMES],
        "icons": sorted(icon_names()),
        "samples": samples(),
        "w": WORDS,
    }
    return render(request, "home/design.html", context)
