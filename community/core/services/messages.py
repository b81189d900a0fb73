"""Declaration of a message."""

from dataclasses import KW_ONLY, dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Template:
    """Words of a message. ``needs`` are its required parameters; ``sms`` those of the approved SMS, or None."""

    title: str | Promise
    body: str | Promise
    _: KW_ONLY
    needs: tuple[str, ...] = ()
    sms: tuple[str, ...] | None = None
    icon: str = "bell"
