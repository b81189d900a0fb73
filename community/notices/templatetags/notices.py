"""Template filters for the icon, colour and text of notices."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from community.notices.models import Notice

register = template.Library()

ICONS = {
    Notice.Kind.WATER: "droplet",
    Notice.Kind.POWER: "bolt",
    Notice.Kind.WORKS: "hammer",
    Notice.Kind.SAFETY: "shield",
    Notice.Kind.ACTIVITY: "calendar",
    Notice.Kind.OTHER: "speakerphone",
}
TONES = {
    Notice.Kind.WATER: "repair",
    Notice.Kind.POWER: "care",
    Notice.Kind.WORKS: "build",
    Notice.Kind.SAFETY: "help",
    Notice.Kind.ACTIVITY: "brand",
    Notice.Kind.OTHER: "plain",
}
STATE_TONES = {
    Notice.Status.DRAFT: "plain",
    Notice.Status.SCHEDULED: "care",
    Notice.Status.PUBLISHED: "brand",
    Notice.Status.WITHDRAWN: "help",
    Notice.Status.DISCARDED: "plain",
}


@register.filter
def notice_icon(notice: Notice) -> str:
    return ICONS[Notice.Kind(notice.kind)]


@register.filter
def notice_tone(notice: Notice) -> str:
    return TONES[Notice.Kind(notice.kind)]


@register.filter
def state_tone(notice: Notice) -> str:
    return STATE_TONES[Notice.Status(notice.status)]


@register.filter
def as_written(body: str) -> SafeString:
    """Marks a stored body as safe: the database holds only what ``community.notices.body`` has cleaned."""
    return mark_safe(body)  # noqa: S308
