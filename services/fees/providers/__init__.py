"""The payment providers that are switched on (``FEES_PROVIDERS``); one file each."""

from django.conf import settings

from services.fees.providers.base import Provider
from services.fees.providers.sandbox import Sandbox

KNOWN: dict[str, Provider] = {Sandbox.name: Sandbox()}


def names() -> list[str]:
    """Those that are switched on; the first one is what a payment uses unless told otherwise."""
    return [name for name in settings.FEES_PROVIDERS if name in KNOWN]


def named(name: str) -> Provider:
    """A provider that may be switched off since: what was paid through it is still looked after."""
    return KNOWN[name]


def default() -> str | None:
    """None where people pay at the counter only."""
    return next(iter(names()), None)
