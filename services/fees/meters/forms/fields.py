"""Form field for the value of a meter."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from community.core.amounts import AmountInput, DecimalTextField


class MeterValueField(DecimalTextField):
    """The value of a meter with at most three places; cleans to 0.001 of its unit."""

    decimals = 3
    example = "1234.5"
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please type what the meter shows."),
        "invalid": _("Please type what the meter shows in figures, such as %(example)s."),
    }

    def __init__(self, **kwargs: Any) -> None:
        named: dict[str, Any] = {
            "label": _("What the meter shows"),
            "least": Decimal(0),
            "most": Decimal("999999999.999"),
            "widget": AmountInput,
        }
        super().__init__(**(named | kwargs))
