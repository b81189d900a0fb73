"""``{% speech_url text as address %}``: where a text can be heard; "" when nobody here can speak."""

from html import unescape

from django import template
from django.utils.html import strip_tags
from django.utils.translation import get_language

from community.core import speech

register = template.Library()


@register.simple_tag
def speech_url(*parts: object) -> str:
    """The parts are sentences: the heading, the lead. Made on the first tap, not before."""
    text = "。".join(
        stripped for part in parts if (stripped := unescape(strip_tags(str(part or ""))).strip())
    )
    language = speech.ENGLISH if (get_language() or "").startswith("en") else "zh"
    return speech.address(text, language)
