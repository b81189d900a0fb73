"""Template tags of pictures and spoken messages that go up ahead of their form."""

from django import template

from services.common import early_files

register = template.Library()


@register.simple_tag
def early_ticket() -> str:
    """Returns the ticket of one page."""
    return early_files.ticket()


@register.simple_tag
def early_recording(token: str | None) -> early_files.EarlyRecording | None:
    """Returns the spoken message that a form names; None without one, and for one that is gone."""
    found = early_files.read_spoken(token) if token else None
    return early_files.find_spoken(found.id) if found else None
