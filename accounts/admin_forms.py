"""Admin forms for people and the roster."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.forms import UnfoldReadOnlyPasswordHashWidget, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.forms import PhoneField
from accounts.imports import ADD, REPLACE
from accounts.models import Checked, RosterEntry, User
from community.core.encryption import blind_indexes
from community.estates.admin_imports import ConfirmSheetForm


class PhoneEntry(PhoneField):
    """Phone field in the national form, with the widget of the admin."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(**kwargs)


class CheckedForm(forms.ModelForm):
    """Base of forms that can change a number; the evidence checked for it is required."""

    checked = forms.ChoiceField(
        label=_("What was checked"),
        choices=[("", "—"), *Checked.choices],
        required=False,
        help_text=_("Needed where the number is changed: it opens the account."),
        widget=UnfoldAdminSelectWidget(),
    )

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        if self.instance.pk and "phone" in self.changed_data and not filled.get("checked"):
            self.add_error("checked", _("Please say what you checked."))
        return filled


class PersonForm(CheckedForm):
    phone = PhoneEntry(required=False)
    # Read-only: an input would show the hash and accept a new one.
    password = ReadOnlyPasswordHashField(label=_("Password"), widget=UnfoldReadOnlyPasswordHashWidget)

    class Meta:
        model = User
        fields = ("name", "phone")

    def clean_phone(self) -> str:
        number: str = self.cleaned_data["phone"]
        if number and User.objects.with_phone(number).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody else has this number."))
        return number


class PersonCreationForm(UserCreationForm):
    phone = PhoneEntry(required=False)

    class Meta:
        model = User
        fields = ("username", "name")


class RosterForm(CheckedForm):
    filled_in_by: User | None = None
    phone = PhoneEntry(
        required=False,
        help_text=_("Another number: it is the same person's. Another name and number: the owner changed."),
    )

    class Meta:
        model = RosterEntry
        fields = ("home", "name", "phone", "landline", "kind", "birth_year")
        widgets: ClassVar = {"landline": UnfoldAdminTextInputWidget()}

    def clean_phone(self) -> str:
        """Refuses the user's own number, because a roster entry gives a home away."""
        number: str = self.cleaned_data["phone"]
        if number and self.filled_in_by is not None and number == self.filled_in_by.phone:
            raise forms.ValidationError(_("A colleague must register you."))
        return number

    def clean(self) -> dict[str, Any]:
        filled = super().clean()
        home = filled.get("home") or (self.instance.home if self.instance.pk else None)
        if home and "phone" in filled and "phone" in self.changed_data:
            # Two people of a home may share the number.
            there = RosterEntry.objects.with_phone(filled["phone"]).filter(home=home)
            theirs = there.filter(~Q(ended_at=None) | Q(name_index__in=blind_indexes(filled.get("name", ""))))
            if theirs.exclude(pk=self.instance.pk).exists():
                self.add_error(
                    "phone",
                    _(
                        "This number is or was in the roster of this home. Who has come back is registered at the desk."
                    ),
                )
        return filled


class ConfirmRosterForm(ConfirmSheetForm):
    owners = forms.ChoiceField(required=False, choices=[(REPLACE, REPLACE), (ADD, ADD)])
