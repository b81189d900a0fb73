"""Live regions and the number of unread messages, for templates."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from community.core import clock
from community.notifications import live
from community.notifications.models import InboxNotice, LiveTopic

register = template.Library()


def _reader(context: Context) -> Any:
    """Who is signed in, or None; also inside an include with ``only``."""
    request = context.get("request") or getattr(context, "request", None)
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


@register.simple_tag(takes_context=True)
def live_attrs(context: Context, *topics: str | Sequence[str], url: str) -> SafeString:
    """Attributes that make an element live: its content is replaced by that of ``url`` on a change.

    ``<div id="steps" {% live_attrs topic url=steps_url %} aria-live="polite">``. ``url`` answers
    with the new inner HTML, or with a page that has an element of the same id. A topic may be a
    list of topics. Several regions share one socket; a page for nobody in particular gets none.

    The number must never be newer than the content that stands beside it; ``live.number_to_show``
    sees to it wherever the view has read its content, so nothing needs to be read in a certain order.
    """
    user = _reader(context)
    if not user:
        return SafeString("")
    names = [name for one in topics for name in ([one] if isinstance(one, str) else one)]
    rows = _topics(user, names)
    access = user.live_topics[live.access_topic(user.pk)]
    token = live.sign(names, user.pk, access.number if access else 0)
    number = live.number_to_show(rows, clock.now())
    return format_html('data-live="{}" data-live-number="{}" data-live-url="{}"', token, number, url)


def _topics(user: Any, names: Sequence[str]) -> list[LiveTopic | None]:
    """Read once a page, with the one of the frame. What is read too early is at worst fetched once more."""
    if not hasattr(user, "live_topics"):
        user.live_topics = {}
    if missing := {*names, f"inbox:{user.pk}", live.access_topic(user.pk)} - set(user.live_topics):
        user.live_topics |= live.read_topics(missing)
    return [user.live_topics[name] for name in set(names)]


@register.filter
def topic(kind: str, pk: object) -> str:
    """``{{ "repair"|topic:repair.pk }}`` → ``repair:12``."""
    return f"{kind}:{pk}"


@register.simple_tag(takes_context=True)
def inbox_attrs(context: Context) -> SafeString:
    """Makes an element the live number of unread messages."""
    user = _reader(context)
    return live_attrs(context, f"inbox:{user.pk}", url=reverse("inbox_count")) if user else SafeString("")


@register.simple_tag
def live_script() -> SafeString:
    """The script behind live regions. Both frames have it; a page may name it once more."""
    return format_html('<script type="module" src="{}"></script>', static("js/live.js"))


@register.simple_tag(takes_context=True)
def unread_count(context: Context) -> int:
    """How many messages the reader has not opened; counted when the template asks, once a page."""
    user = _reader(context)
    if not user:
        return 0
    if not hasattr(user, "unread_notices"):
        user.unread_notices = InboxNotice.objects.visible_to(user).unread().count()
    return int(user.unread_notices)
