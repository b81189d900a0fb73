"""Forms of the cashier's pages: search, counter, reasons."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, RosterEntry, User
from community.core.amounts import AmountInput, YuanField
from community.core.money import as_yuan
from community.core.search.hints import EXAMPLES
from services.fees.forms.fields import WayForm
from services.fees.labels import bare_yuan
from services.fees.models import Account, Bill, Payment
from services.fees.prepayment import covered_fen

SOMEBODY_ELSE = "other"
# The button for a code that the payer scans.
BY_CODE = "code"
# Begins the choice of a payer who is on the roster and has not registered.
ON_ROSTER = "roster-"
REASON_LENGTH = 200
CHANGED = _("What is owed has just changed. Please look again.")


class SearchForm(forms.Form):
    words = forms.CharField(
        label=_("Home, number or name"),
        max_length=60,
        help_text=EXAMPLES,
        error_messages={"required": _("Please type whom or what you look for.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
    )


class CounterForm(WayForm):
    """The open bills of a home, each with a tick and an amount, and the payer."""

    extra = YuanField(
        label=_("More, as prepayment"), required=False, help_text=_("Stays with the home for the next bills.")
    )
    payer = forms.ChoiceField(label=_("Who pays?"), widget=forms.RadioSelect)
    payer_name = forms.CharField(
        label=_("Name on the receipt"),
        help_text=_("Only for somebody else."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    # The button that was pressed; cash if a program sends none.
    way = forms.ChoiceField(
        choices=[(Payment.CASH, ""), (Payment.PREPAYMENT, ""), (BY_CODE, "")], required=False
    )

    field_order = ("extra", "payer", "payer_name", "channel", "slip_number", "key", "way")

    def __init__(
        self,
        *args: Any,
        bills: Sequence[Bill],
        residents: Sequence[Residency],
        roster: Sequence[RosterEntry],
        accounts: Sequence[Account],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.bills, self.accounts = bills, accounts
        self.fields["channel"].required = False
        self.residents = {str(one.user.pk): one.user for one in residents}
        self.names = {f"{ON_ROSTER}{one.pk}": one.name for one in roster}
        # Relation of each person to the home, by the value of their choice.
        self.kinds = {str(one.user.pk): one.get_kind_display() for one in residents}
        self.kinds |= {f"{ON_ROSTER}{one.pk}": one.get_kind_display() for one in roster}
        choices = [*((key, user.name) for key, user in self.residents.items()), *self.names.items()]
        payer: Any = self.fields["payer"]
        payer.choices = [*choices, (SOMEBODY_ELSE, _("Somebody else"))]
        payer.initial = choices[0][0] if choices else SOMEBODY_ELSE
        for bill in bills:
            self.fields[f"tick_{bill.pk}"] = forms.BooleanField(required=False, initial=True)
            self.fields[f"amount_{bill.pk}"] = YuanField(
                required=False, initial=bill.unpaid_fen, widget=AmountInput(attrs={"data-amount": True})
            )

    def rows(self) -> list[tuple[Bill, Any, Any]]:
        """Returns each bill with its tick and its amount."""
        return [(bill, self[f"tick_{bill.pk}"], self[f"amount_{bill.pk}"]) for bill in self.bills]

    def payers(self) -> list[tuple[Any, str]]:
        """Returns each choice of a payer, and what that person is to the home."""
        return [(one, self.kinds.get(str(one.data["value"]), "")) for one in self["payer"].subwidgets]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["amounts"] = self._amounts(typed)
        typed["channel"] = typed.get("channel") or Payment.CASH
        if not self.needs_no_till:
            self.check_slip(typed)
        if self._has_stale_tick():
            self.add_error(None, CHANGED)
        if not self.errors and not typed["amounts"] and not typed.get("extra"):
            self.add_error(None, _("Please tick a bill, or type an amount for the prepayment."))
        if self.is_from_prepayment and not self.errors:
            self._check_prepayment(typed)
        if typed.get("payer") == SOMEBODY_ELSE and not typed.get("payer_name", "").strip():
            self.add_error("payer_name", _("Please type who pays."))
        return typed

    def _has_stale_tick(self) -> bool:
        """Whether a tick names a bill that is not open any more: leaving it out would book less than was
        taken.
        """
        return any(name.startswith("tick_") and name not in self.fields for name in self.data)

    def _check_prepayment(self, typed: dict[str, Any]) -> None:
        amounts = typed["amounts"]
        covered = covered_fen(
            self.accounts, [(bill, amounts[bill.pk]) for bill in self.bills if bill.pk in amounts]
        )
        if typed.get("extra"):
            self.add_error("extra", _("This is not paid from prepayment. Please leave it empty."))
        elif covered < sum(amounts.values()):
            words = _("Of this the prepayment covers %(amount)s. Please change the amounts.")
            self.add_error(None, words % {"amount": as_yuan(covered)})

    def _amounts(self, typed: dict[str, Any]) -> dict[int, int]:
        """Returns the fen of the ticked bills by the bill's key."""
        amounts = {}
        for bill in self.bills:
            name = f"amount_{bill.pk}"
            if not typed.get(f"tick_{bill.pk}") or name in self.errors:
                continue
            fen = typed.get(name)
            if not fen:
                self.add_error(name, _("Please type an amount above 0, or take the tick away."))
            elif fen > bill.unpaid_fen:
                words = _("Only %(left)s is left to pay.") % {"left": f"¥{bare_yuan(bill.unpaid_fen)}"}
                self.add_error(name, words)
            else:
                amounts[bill.pk] = fen
        return amounts

    @property
    def total_fen(self) -> int:
        return sum(self.cleaned_data["amounts"].values()) + (self.cleaned_data["extra"] or 0)

    @property
    def is_from_prepayment(self) -> bool:
        return self.cleaned_data.get("way") == Payment.PREPAYMENT

    @property
    def is_by_code(self) -> bool:
        return self.cleaned_data.get("way") == BY_CODE

    @property
    def needs_no_till(self) -> bool:
        return self.is_from_prepayment or self.is_by_code

    @property
    def is_cash(self) -> bool:
        return not self.needs_no_till and self.cleaned_data["channel"] == Payment.CASH

    @property
    def resident(self) -> User | None:
        return self.residents.get(self.cleaned_data["payer"])

    @property
    def name_of_payer(self) -> str:
        """The name of a payer who is no resident: from the roster, or typed; empty for a resident."""
        if self.resident:
            return ""
        typed = self.cleaned_data["payer_name"].strip()
        return str(self.names.get(self.cleaned_data["payer"], typed))

    @property
    def payer_words(self) -> str:
        return self.resident.name if self.resident else self.name_of_payer


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=REASON_LENGTH,
        help_text=_("The record keeps it."),
        error_messages={
            "required": _("Please write why."),
            "max_length": _("Please keep it under 200 characters."),
        },
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeclineForm(ReasonForm):
    """The reason why cash is not refunded; ``of`` is the refund's key, as a page has several such forms."""

    def __init__(self, *args: Any, of: int, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"decline_{of}_%s"
        super().__init__(*args, **kwargs)


class ResolveDoubtForm(forms.Form):
    """The resolution of a doubt; ``of`` is the notice's key, as a page has several such forms."""

    words = forms.CharField(
        label=_("What was done?"),
        max_length=REASON_LENGTH,
        error_messages={
            "required": _("Please write what was done."),
            "max_length": _("Please keep it under 200 characters."),
        },
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, of: int, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"seen_{of}_%s"
        super().__init__(*args, **kwargs)
        self.of = of


class DayForm(forms.Form):
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
