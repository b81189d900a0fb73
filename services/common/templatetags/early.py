"""Template tags of pictures that go up ahead of their form."""

from django import template

from services.common import early_files

register = template.Library()


@register.simple_tag
def early_ticket() -> str:
    """Returns the ticket of one page."""
    return early_files.ticket()
