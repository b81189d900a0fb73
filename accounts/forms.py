"""Forms that check the shape of input; actions check the rules."""

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.delegations import MAX_PATH
from accounts.models import Delegation, Residency
from accounts.models.residents import Lasting
from community.core.interrupted_forms import MAX_CHARACTERS
from community.core.services import declared
from community.core.services import scopes as known_scopes
from community.core.typed_text import plain

NATIONAL = re.compile(r"1[3-9]\d{9}")
# Separators that people write inside numbers.
BETWEEN = re.compile(r"[\s\-().]")
CODE_LENGTH = 6


def to_e164(text: str) -> str | None:
    """Converts a Chinese mobile number as people write it to E.164; returns None for anything else.

    138 1234 5678, 138-1234-5678, +86 13812345678 and 0086… become +8613812345678.
    """
    digits = BETWEEN.sub("", plain(text))
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"+86{digits}" if NATIONAL.fullmatch(digits) else None


class PhoneField(forms.CharField):
    """A Chinese mobile number as people type it; cleaned to E.164."""

    is_plain = True

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("error_messages", {"required": _("Please write the number.")})
        attrs = {"autocomplete": "tel-national", "inputmode": "numeric"}
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", **attrs}))
        super().__init__(**kwargs)
        self.widget.input_type = "tel"

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        number = to_e164(text)
        if number is None:
            raise forms.ValidationError(_("The number has 11 digits."), code="invalid")
        return number

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compares numbers, not spellings: pages show them without +86."""
        return (to_e164(data or "") or data or "") != (initial or "")

    def prepare_value(self, value: Any) -> Any:
        return value.removeprefix("+86") if isinstance(value, str) else value


class SignInForm(forms.Form):
    phone = PhoneField()


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        error_messages={"required": _("Please write the code.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self) -> str:
        code = BETWEEN.sub("", plain(self.cleaned_data["code"]))
        if len(code) != CODE_LENGTH or not (code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("The code has 6 digits."), code="invalid")
        return code


class FactorForm(forms.Form):
    """Asks for a code of the app (6 digits) or of the paper (8)."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        error_messages={"required": _("Please write the code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}
        ),
    )

    def clean_code(self) -> str:
        code = BETWEEN.sub("", plain(self.cleaned_data["code"]))
        if len(code) not in (6, 8) or not (code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("The code has 6 digits, one on paper 8."), code="invalid")
        return code


class PasskeyForm(forms.Form):
    """Takes the browser's answer about a passkey, and the name that the person gives it."""

    credential = forms.CharField(
        max_length=20_000, error_messages={"required": _("Nothing came from the passkey. Please try again.")}
    )
    name = forms.CharField(label=_("What you call it"), max_length=30, required=False)

    def clean_credential(self) -> Any:
        try:
            return json.loads(self.cleaned_data["credential"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("Nothing came from the passkey. Please try again.")) from error


class StaffSignInForm(forms.Form):
    username = forms.CharField(
        label=_("Name for signing in"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def _new_password(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget)


class NewPasswordForm(forms.Form):
    """Asks for the password twice; the action checks its strength."""

    password = _new_password(_("New password"))
    again = _new_password(_("New password, once more"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password") and typed.get("again") and typed["password"] != typed["again"]:
            self.add_error("again", forms.ValidationError(_("The two are not the same.")))
        return typed


class OwnPasswordForm(NewPasswordForm):
    old = forms.CharField(
        label=_("Old password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password", "again")


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=40,
        error_messages={"required": _("Please write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class JoinForm(forms.Form):
    """A note that helps staff recognise the person, and the name if we have none; the kind is in the address."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=40,
        error_messages={"required": _("Please write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    words = forms.CharField(
        label=_("A few words"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_name:
            del self.fields["name"]


class RelationForm(forms.Form):
    RELATIONS = [
        ("son", _("Son")),
        ("daughter", _("Daughter")),
        ("spouse", _("Spouse")),
        ("grandchild", _("Grandchild")),
        ("other", _("Other")),
    ]
    relation = forms.ChoiceField(
        label=_("Who is it?"),
        choices=RELATIONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )


class FamilyNumberForm(forms.Form):
    phone = PhoneField(label=_("Their mobile number"))


def _wishes() -> list[tuple[str, Any]]:
    """Returns the choices of services to delegate, as the page asks for them."""
    allowing = [(one.key, one.delegated.wish) for one in declared() if one.delegated]
    return [*allowing, (Delegation.SETTINGS, _("Set large type"))]


class ServicesForm(forms.Form):
    services = forms.MultipleChoiceField(
        label=_("What may they do?"),
        choices=_wishes,
        initial=lambda: [key for key, _wish in _wishes()[:2]],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one.")},
    )


class LastingForm(forms.Form):
    lasting = forms.ChoiceField(
        label=_("For how long?"),
        choices=Lasting.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )


class HandoverForm(forms.Form):
    path = forms.CharField(max_length=MAX_PATH, widget=forms.HiddenInput)
    delegates = forms.MultipleChoiceField(
        label=_("Who should help?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose who should help.")},
    )
    # Form of a page without traces, as JSON: nothing stores it before the person says so.
    carried = forms.CharField(required=False, max_length=2 * MAX_CHARACTERS, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["delegates"].choices = people  # type: ignore[attr-defined]
        if len(people) == 1:
            self.fields["delegates"].initial = [people[0][0]]


class TokenForm(forms.Form):
    DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year"))]
    SHIFT = ("0", _("A shift of 12 hours"))
    name = forms.CharField(label=_("What is it for?"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long?"), choices=DAYS, coerce=int, initial="90", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, scopes: list[str], is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_staff:
            self.fields["days"].choices = [self.SHIFT, *self.DAYS]  # type: ignore[attr-defined]
            self.fields["days"].initial = "0"
            self.fields["days"].help_text = _("Longer than a shift: an administrator has to agree.")
        labels = {scope.name: scope.label for scope in known_scopes()}
        self.fields["scopes"].choices = [(scope, labels[scope]) for scope in scopes]  # type: ignore[attr-defined]


def kind_choices() -> list[tuple[str, Any]]:
    """Returns the kinds of residency in the order in which pages offer them."""
    return list(Residency.Kind.choices)
