"""General template tags: icons, money, phone numbers and helpers of the page frame."""

import re
from functools import cache, lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.forms import BoundField, Textarea
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.static import static
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from community.core import services
from community.core.money import SEPARATED_FROM, as_yuan, in_wan
from community.core.pictures import MAX_MEGABYTES

register = template.Library()

SPRITE = "img/icons.svg"
NATIONAL_MOBILE = re.compile(r"1\d{10}")
LANDLINE = re.compile(r"(010|02\d|0[3-9]\d\d)(\d{3,4})(\d{4})")
TEXTAREA_ROWS = "3"
# Combinations of values kept of one part of a template.
KEPT_AT_MOST = 200


@cache
def icon_names() -> frozenset[str]:
    """Returns the names of the icons in the sprite."""
    text = Path(settings.BASE_DIR, "static", SPRITE).read_text()
    return frozenset(re.findall(r'<symbol id="([^"]+)"', text))


@register.simple_tag
def staff_idle_seconds() -> int:
    """Returns after how many seconds without anybody there a page of staff locks."""
    return int(settings.STAFF_IDLE_SECONDS)


@register.filter
def is_on(service: str) -> bool:
    """Whether the service of this key is switched on: ``{% if "care"|is_on %}``."""
    return services.is_on(service)


class IconNode(Node):
    def __init__(self, name: FilterExpression) -> None:
        self.name = name

    def render(self, context: Context) -> SafeString:
        return _icon(self.name.resolve(context))


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """Shows an icon of the sprite, hidden from screen readers: the text beside it has the meaning.

    ``{% icon "phone" %}``. Unknown names, as in an estate's old catalogue, show the tool.
    """
    _icon, name = token.split_contents()
    return IconNode(parser.compile_filter(name))


@lru_cache(KEPT_AT_MOST)
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static(SPRITE),
        name if name in icon_names() else "tool",
    )


@register.simple_tag
def drawing(name: str) -> SafeString:
    """Returns an icon for the admin, with attributes in place of our style sheet."""
    return format_html(
        '<svg width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static(SPRITE),
        name,
    )


@register.simple_tag
def picture_megabytes() -> int:
    """Returns the largest size of a picture in MB."""
    return MAX_MEGABYTES


@register.filter
def money(fen: int | None) -> str:
    """Formats fen: 123650 → ¥1236.50; "" for an unknown amount, never ¥0.00."""
    return as_yuan(fen) if isinstance(fen, int) else ""


@register.filter
def large_sum(fen: int | None) -> str:
    """Formats a large sum: 128600000 → 128.6万元, ¥1,286,000; below ten thousand yuan as ``money``."""
    if fen is None or fen < SEPARATED_FROM * 100:
        return money(fen)
    if (get_language() or "").startswith("zh"):
        return f"{in_wan(fen)}万元"
    return as_yuan(fen).removesuffix(".00")


@register.filter
def phone_words(number: str | None) -> str:
    """Groups the digits of a number: 13812345678 → 138 1234 5678; returns other numbers unchanged."""
    text = str(number or "").removeprefix("+86")
    if NATIONAL_MOBILE.fullmatch(text):
        return f"{text[:3]} {text[3:7]} {text[7:]}"
    if landline := LANDLINE.fullmatch(text):
        return " ".join(landline.groups())
    return text


@register.filter
def tel(number: str | None) -> str:
    """Returns a ``tel:`` address with digits and a leading plus only."""
    return "tel:" + re.sub(r"(?!^\+)\D", "", str(number or ""))


@register.filter
def steps_upto(total: int) -> range:
    """Returns 1..total, for the dashes of the progress line."""
    return range(1, int(total or 0) + 1)


@register.simple_tag
def widget(field: BoundField, hint_id: str = "", error_id: str = "", css: str = "input") -> SafeString:
    """Returns the input of a form field with our class, linked to its hint and its error."""
    attrs: dict[str, str | bool] = {"class": f"{field.field.widget.attrs.get('class', '')} {css}".strip()}
    if isinstance(field.field.widget, Textarea) and str(field.field.widget.attrs.get("rows")) == "10":
        attrs["rows"] = TEXTAREA_ROWS  # Django's 10 fill a phone; a page that wants more says so
    described = " ".join(part for part in (error_id, hint_id) if part)
    if described:
        attrs["aria-describedby"] = described
    if error_id:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def input_kind(field: BoundField) -> str:
    """Returns the kind of widget for the field component: hidden, choices, ticks, tick or plain."""
    shape = field.field.widget
    if shape.is_hidden:
        return "hidden"
    by_type = {
        "radio": "choices",
        "checkbox": "ticks" if getattr(shape, "allow_multiple_selected", False) else "tick",
    }
    return by_type.get(getattr(shape, "input_type", ""), "plain")


class CaptureNode(Node):
    """Stores its output under a name, without surrounding blanks."""

    def __init__(self, nodelist: NodeList, name: str, *, plain: bool) -> None:
        self.nodelist, self.name, self.plain = nodelist, name, plain

    def render(self, context: Context) -> str:
        printed = " ".join(self.nodelist.render(context).split())
        text = strip_tags(printed).replace('"', "&quot;") if self.plain else printed
        context[self.name] = mark_safe(text)  # noqa: S308 the nodes have escaped what people typed
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """Stores a block's text for repeated use: ``{% capture heading %}…{% endcapture %}``.

    ``{% capture said plain %}`` drops tags, for attributes.
    """
    parts = token.split_contents()
    if len(parts) not in (2, 3) or (len(parts) == 3 and parts[2] != "plain"):
        raise template.TemplateSyntaxError("capture takes a name, and 'plain'")
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, parts[1], plain=len(parts) == 3)


class KeptNode(Node):
    """Renders its content once for each language and each combination of the named values, and keeps it.

    The content sees these values alone: no request, no person, nothing else that differs between two pages.
    """

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.kept: dict[tuple[object, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        named = {name: value.resolve(context, ignore_failures=True) for name, value in self.values.items()}
        key = (get_language(), *named.values())
        if key not in self.kept:
            if len(self.kept) >= KEPT_AT_MOST:
                self.kept.clear()
            alone = Context(named)
            with alone.bind_template(context.template):  # type: ignore[arg-type]
                self.kept[key] = self.nodelist.render(alone)
        return self.kept[key]


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Keeps what depends on the language and the named values alone:
    ``{% kept mode is_known=user.is_authenticated %}…{% endkept %}``.

    For parts that many pages show. Values are plain: texts, numbers, True, None.
    """
    pairs = [part.partition("=") for part in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, {name: parser.compile_filter(value or name) for name, _is, value in pairs})
