"""The ways that services add to every page of a resident."""

from django import template

from community.core.services import in_order
from community.core.services.home import HomeTab
from community.home.parts import homes_declared

register = template.Library()


@register.simple_tag
def service_tabs() -> list[HomeTab]:
    """The tabs of services, at the foot of the standard mode."""
    return in_order(tab for home in homes_declared() for tab in home.tabs)
