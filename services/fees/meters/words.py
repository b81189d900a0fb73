"""Meters and their values in words, for pages, messages and bills."""

from django.utils.translation import gettext as _

from services.fees.models import Meter, MeterReading
from services.fees.models.meters import MILLI

Flag = MeterReading.Flag


def value_words(milli: int) -> str:
    """Formats a value in 0.001 of a unit without empty places: 12500 → ``12.5``, 12000 → ``12``."""
    whole, rest = divmod(milli, MILLI)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def odd_words(flag: str, meter: Meter, last_milli: int) -> str:
    """Returns the question about an odd value."""
    named = {"last": value_words(last_milli), "unit": meter.get_unit_display()}
    if flag == Flag.HIGH:
        return _("Far more than usual: the last value was %(last)s %(unit)s. Please check it.") % named
    if flag == Flag.ROLLED_OVER:
        return (
            _("Lower than the last value of %(last)s %(unit)s. Has the meter rolled over? Please check it.")
            % named
        )
    return _("Lower than the last value of %(last)s %(unit)s. Please check it.") % named
