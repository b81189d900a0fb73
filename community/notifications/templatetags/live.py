"""Template tags for live regions and the number of unread messages."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.db.models import Count
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from community.core import clock
from community.core.statements import Statement
from community.notifications import live
from community.notifications.models import InboxNotice

register = template.Library()

_UNREAD: Statement[int] = Statement(
    lambda person: (
        InboxNotice.objects.visible_to(person)
        .unread()
        .order_by()
        .values("user")
        .annotate(number=Count("pk"))
        .values_list("number", flat=True)
    )
)


def _reader(context: Context) -> Any:
    """Returns the signed-in user or None; works inside an include with ``only`` too."""
    request = context.get("request") or getattr(context, "request", None)
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


@register.simple_tag(takes_context=True)
def live_attrs(context: Context, *topics: str | Sequence[str], url: str) -> SafeString:
    """Returns attributes that make an element live: its content is fetched from ``url`` on a change.

    ``<div id="steps" {% live_attrs topic url=steps_url %} aria-live="polite">``. ``url`` answers with the new
    inner HTML, or with a page that has an element of the same id. A topic may be a list of topics. Regions
    share one socket; pages without a signed-in user get none. ``live.number_to_show`` keeps the number from
    being newer than the content, so views may read in any order.
    """
    user = _reader(context)
    if not user:
        return SafeString("")
    names = [name for one in topics for name in ([one] if isinstance(one, str) else one)]
    number, access = _number_and_access(user, names)
    token = live.sign(names, user.pk, access)
    return format_html('data-live="{}" data-live-number="{}" data-live-url="{}"', token, number, url)


def _number_and_access(user: Any, names: Sequence[str]) -> tuple[int, int]:
    """Returns the number to show, and the one of the person's rights."""
    access_topic = live.access_topic(user.pk)
    # Views that read their numbers before their content give the very numbers.
    before: dict[str, int] = getattr(user, "live_numbers", {})
    if before.keys() >= {*names, access_topic}:
        return sum(before[name] for name in set(names)), before[access_topic]
    rows = live.topics_of_page(user, names)
    access = rows[access_topic]
    shown = live.number_to_show([rows[name] for name in set(names)], clock.now())
    return shown, access.number if access else 0


@register.filter
def topic(kind: str, pk: object) -> str:
    """Returns the name of a topic: ``{{ "repair"|topic:repair.pk }}`` → ``repair:12``."""
    return f"{kind}:{pk}"


@register.simple_tag(takes_context=True)
def inbox_attrs(context: Context) -> SafeString:
    """Returns attributes that make an element the live number of unread messages."""
    user = _reader(context)
    return live_attrs(context, f"inbox:{user.pk}", url=reverse("inbox_count")) if user else SafeString("")


@register.simple_tag
def live_script() -> SafeString:
    """Returns the script of live regions. Both frames include it; including it twice is harmless."""
    return format_html('<script type="module" src="{}"></script>', static("js/live.js"))


@register.simple_tag(takes_context=True)
def unread_count(context: Context) -> int:
    """Returns the number of unread messages, counted once a page when a template asks for it."""
    user = _reader(context)
    if not user:
        return 0
    if not hasattr(user, "unread_notices"):
        # The frame reads its topics anyway, and the number with them as soon as one of them has ever changed.
        live.topics_of_page(user, ())
    if not hasattr(user, "unread_notices"):
        user.unread_notices = sum(_UNREAD(user.pk))
    return int(user.unread_notices)
