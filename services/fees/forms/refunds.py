"""Forms of money that goes back: refunds of payments, payouts of prepayment, deposits; and of moved payments."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core.amounts import AmountInput, YuanField
from community.core.money import as_yuan
from services.fees.forms.fields import ItemChoice, WayForm
from services.fees.forms.staff import SOMEBODY_ELSE, ReasonForm
from services.fees.labels import bill_name
from services.fees.models import Bill, Deposit, FeeItem, Payment, PaymentLine

NOT_MORE = _("Only %(left)s is left.")


class RefundForm(ReasonForm):
    """A refund of a payment: all that is left, or a part of it by bill."""

    ALL, PART = "all", "part"
    how = forms.ChoiceField(
        label=_("How much goes back?"),
        choices=[(ALL, _("All that is left")), (PART, pgettext_lazy("refund", "A part"))],
        initial=ALL,
        required=False,
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, payment: Payment, lines: Sequence[PaymentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.left_fen]
        self.rest_fen = payment.left_fen - sum(line.left_fen for line in self.lines)
        for line in self.lines:
            self.fields[f"amount_{line.pk}"] = self._amount(bill_name(line.bill), line.left_fen)
        if self.rest_fen:
            self.fields["rest"] = self._amount(_("Of what became prepayment"), self.rest_fen)
        self.order_fields(["how", *self._amounts(), "reason", "key"])

    def _amount(self, label: Any, left_fen: int) -> YuanField:
        hint = _("Up to %(left)s; empty for none.") % {"left": as_yuan(left_fen)}
        return YuanField(label=label, required=False, help_text=hint, widget=AmountInput())

    def _amounts(self) -> list[str]:
        return [name for name in self.fields if name.startswith("amount_") or name == "rest"]

    def amounts(self) -> list[Any]:
        """Returns the fields of the amounts, for a part."""
        return [self[name] for name in self._amounts()]

    @property
    def is_part(self) -> bool:
        return self.cleaned_data.get("how") == self.PART

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.is_part:
            return typed
        left = {f"amount_{line.pk}": line.left_fen for line in self.lines} | {"rest": self.rest_fen}
        for name in self._amounts():
            fen = typed.get(name) or 0
            if fen < 0:
                self.add_error(name, _("The amount must be more than 0."))
            elif fen > left[name]:
                self.add_error(name, NOT_MORE % {"left": as_yuan(left[name])})
        if not self.errors and not any(typed.get(name) for name in self._amounts()):
            self.add_error("how", _("Please type what is to be paid back."))
        return typed

    def parts(self) -> dict[int, int]:
        """Returns the fen that go back by the key of the line."""
        typed = {line.pk: self.cleaned_data.get(f"amount_{line.pk}") for line in self.lines}
        return {pk: fen for pk, fen in typed.items() if fen}

    @property
    def rest(self) -> int:
        return self.cleaned_data.get("rest") or 0


class PayoutForm(WayForm, ReasonForm):
    """Money that goes out at the counter: of a prepayment."""

    amount = YuanField(label=_("Amount (yuan)"), error_messages={"required": _("Please type the amount.")})
    payee_name = forms.CharField(
        label=_("Who receives it?"),
        max_length=40,
        error_messages={"required": _("Please type who receives it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, held_fen: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held_fen = held_fen
        self.fields["channel"].label = _("How does it go back?")
        self.order_fields(["amount", "channel", "slip_number", "payee_name", "reason", "key"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("amount"):
            self.check_slip(typed)
        self.check_amount(typed)
        return typed

    def check_amount(self, typed: dict[str, Any]) -> None:
        """Adds an error to an amount that is 0 or above what is held."""
        fen = typed.get("amount")
        if fen is not None and fen <= 0:
            self.add_error("amount", _("The amount must be more than 0."))
        elif fen is not None and fen > self.held_fen:
            self.add_error("amount", NOT_MORE % {"left": as_yuan(self.held_fen)})


class DepositBackForm(PayoutForm):
    """A deposit that is paid back, whole or in part, less what is kept of it."""

    kept = YuanField(
        label=_("Keep of it (yuan)"),
        required=False,
        help_text=_("For damage, for a lost card. Empty for none."),
    )
    kept_item = ItemChoice(label=_("Kept as"), required=False, empty_label=_("Please choose"))

    def __init__(self, *args: Any, deposit: Deposit, **kwargs: Any) -> None:
        super().__init__(*args, held_fen=deposit.held_fen, **kwargs)
        self.fields["amount"].label = _("Goes back (yuan)")
        item: Any = self.fields["kept_item"]
        item.queryset = FeeItem.objects.filter(estate=deposit.estate_id, is_active=True)
        self.order_fields(
            ["amount", "kept", "kept_item", "channel", "slip_number", "payee_name", "reason", "key"]
        )

    def check_amount(self, typed: dict[str, Any]) -> None:
        """Adds an error to amounts that are 0 or together above what is held, and to a missing fee item."""
        fen, kept = typed.get("amount"), typed.get("kept") or 0
        if kept < 0:
            self.add_error("kept", _("The amount must be more than 0."))
        elif fen is not None and (fen < 0 or not fen + kept):
            self.add_error("amount", _("The amount must be more than 0."))
        elif fen is not None and fen + kept > self.held_fen:
            self.add_error("kept" if kept else "amount", NOT_MORE % {"left": as_yuan(self.held_fen)})
        if kept and not typed.get("kept_item") and "kept_item" not in self.errors:
            self.add_error("kept_item", _("Please choose a fee item for what is kept."))


class PayerForm(forms.Form):
    """The payer at the counter: a resident of the home, or a typed name."""

    payer = forms.ChoiceField(label=_("Who pays?"), widget=forms.RadioSelect)
    payer_name = forms.CharField(
        label=_("Name on the receipt"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, residents: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.residents = residents
        choices = [(str(resident.pk), resident.name) for resident in residents]
        payer: Any = self.fields["payer"]
        payer.choices = [*choices, (SOMEBODY_ELSE, _("Somebody else"))]
        payer.initial = choices[0][0] if choices else SOMEBODY_ELSE

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("payer") == SOMEBODY_ELSE and not typed.get("payer_name", "").strip():
            self.add_error("payer_name", _("Please type who pays."))
        return typed

    @property
    def resident(self) -> User | None:
        chosen = self.cleaned_data.get("payer")
        return next((resident for resident in self.residents if str(resident.pk) == chosen), None)

    @property
    def name(self) -> str:
        """The typed name of somebody else; empty for a resident."""
        return "" if self.resident else self.cleaned_data.get("payer_name", "").strip()


class DepositForm(WayForm, PayerForm):
    """A deposit that is taken: for what, how much, from whom, and how."""

    kind = forms.ChoiceField(
        label=_("What is the deposit for?"),
        choices=Deposit.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what the deposit is for.")},
    )
    words = forms.CharField(
        label=_("Card, plate or firm"),
        required=False,
        max_length=60,
        help_text=_("It stands on the receipt."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = YuanField(label=_("Amount (yuan)"), error_messages={"required": _("Please type the amount.")})
    key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("kind", "words", "amount", "payer", "payer_name", "channel", "slip_number", "key")

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        fen = typed.get("amount")
        if fen is not None and fen <= 0:
            self.add_error("amount", _("The amount must be more than 0."))
        self.check_slip(typed)
        return typed


class DepositFilters(forms.Form):
    """Filters of the list of deposits, in the address."""

    HELD, ALL = "held", "all"
    state = forms.ChoiceField(
        label=pgettext_lazy("deposits", "Which?"),
        choices=[(HELD, pgettext_lazy("deposits", "Held")), (ALL, _("All"))],
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("For what"), choices=[("", _("All")), *Deposit.Kind.choices], required=False
    )

    def valid_filters(self) -> dict[str, str]:
        """Returns the valid filters; an invalid one filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class MoveForm(PayerForm):
    """The home to which a payment belongs: the bills that it pays there, who paid it, and why it is moved."""

    reason = ReasonForm.base_fields["reason"]

    def __init__(self, *args: Any, bills: Sequence[Bill], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bills = bills
        for bill in bills:
            self.fields[f"tick_{bill.pk}"] = forms.BooleanField(
                label=f"{bill_name(bill)} {as_yuan(bill.unpaid_fen)}", required=False, initial=True
            )

    def ticks(self) -> list[Any]:
        """Returns the ticks of the bills."""
        return [self[f"tick_{bill.pk}"] for bill in self.bills]

    @property
    def chosen(self) -> list[Bill]:
        return [bill for bill in self.bills if self.cleaned_data.get(f"tick_{bill.pk}")]
