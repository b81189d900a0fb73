"""Declaration of a message."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from django.utils.functional import Promise

from community.core.services.words import Words


@dataclass(frozen=True)
class Template:
    """Words of a message. ``needs`` are its required parameters; ``sms`` those of the approved SMS, or None."""

    title: str | Promise
    body: str | Promise
    _: KW_ONLY
    needs: tuple[str, ...] = ()
    sms: tuple[str, ...] | None = None
    # Sent by SMS also to those whom WeChat reaches: an alarm, or a legal notice.
    sms_too: bool = False
    icon: str = "bell"
    # Words for parameters that messages stored before did not have.
    defaults: Mapping[str, Words] = field(default_factory=dict)
