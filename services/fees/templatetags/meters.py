"""Filters for pages of meters."""

from django import template

from services.fees.meters.words import value_words

register = template.Library()


@register.filter
def meter_value(milli: int) -> str:
    """Formats a value in 0.001 of a unit: 12500 → ``12.5``."""
    return value_words(milli)
