"""Template tags for the demo's part of the sign-in page; empty outside the demo."""

from django import template
from django.conf import settings

from community.demo.people import PEOPLE, DemoPerson

register = template.Library()


@register.simple_tag
def demo_people() -> list[DemoPerson]:
    """Returns the people who can be tried with one tap; none outside the demo."""
    return PEOPLE if settings.DEMO else []
