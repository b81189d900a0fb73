"""The payment providers that are switched on (``FEES_PROVIDERS``); one file each."""

from django.conf import settings

from services.fees.providers.base import Provider
from services.fees.providers.sandbox import Sandbox

KNOWN: dict[str, Provider] = {Sandbox.name: Sandbox()}


def names() -> list[str]:
    """Returns the providers that are switched on; the first one is the default."""
    return [name for name in settings.FEES_PROVIDERS if name in KNOWN]


def named(name: str) -> Provider:
    """Returns a provider, also one that is switched off since: its payments must still be handled.

    Raises ``KeyError`` for an unknown name.
    """
    return KNOWN[name]


def default() -> str | None:
    """Returns the default provider; None where residents pay at the counter only."""
    return next(iter(names()), None)
