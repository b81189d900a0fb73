"""Template tag ``{% speech_url text as address %}``: the address of a recording, "" without a voice."""

from html import unescape

from django import template
from django.utils.html import strip_tags
from django.utils.translation import get_language

from community.core import speech

register = template.Library()


@register.simple_tag
def speech_url(*parts: object) -> str:
    """Returns the address for these sentences; the recording is made on the first tap."""
    text = "。".join(
        stripped for part in parts if (stripped := unescape(strip_tags(str(part or ""))).strip())
    )
    language = speech.ENGLISH if (get_language() or "").startswith("en") else "zh"
    return speech.address(text, language)
