"""Forms of the desk about residents, the roster and staff."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import FamilyNumberForm, PhoneField, RelationForm, ServicesForm
from accounts.models import Administration, Checked, Residency, StaffRole, User
from accounts.models.residents import FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR
from accounts.policies import is_security_admin
from community.core.search.hints import EXAMPLES
from community.desk.handover import Work, colleagues_of
from community.estates.home_names import homes_named
from community.estates.models import Estate, PropertyCompany


class SearchForm(forms.Form):
    words = forms.CharField(
        label=_("Number, name or home"),
        max_length=60,
        help_text=EXAMPLES,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class PersonOfHomeForm(forms.Form):
    """A person and the home that they belong to, as the desk names it."""

    name = forms.CharField(
        label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = PhoneField(required=False, help_text=_("Leave it empty for somebody without a mobile number."))
    estate = forms.ModelChoiceField(
        label=_("Estate"), queryset=Estate.objects.none(), empty_label=None, widget=forms.Select
    )
    home = forms.CharField(label=_("Home"), max_length=40, help_text=_("3-2-501 or 3号楼2单元501"))
    kind = forms.ChoiceField(
        label=_("Lives there as"), choices=Residency.Kind.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, estates: QuerySet[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = estates  # type: ignore[attr-defined]
        self.fields["estate"].initial = estates.first()
        self.fields["phone"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        """The home by its name, in the estate that was chosen."""
        typed = super().clean() or {}
        estate, name = typed.get("estate"), typed.get("home")
        if estate and name:
            homes = list(homes_named(name, Estate.objects.filter(pk=estate.pk))[:2])
            if len(homes) == 1:
                typed["home"] = homes[0]
            else:
                words = _("Please name the entrance too.") if homes else _("There is no such home here.")
                self.add_error("home", forms.ValidationError(words))
        return typed


class RegisterForm(PersonOfHomeForm):
    """A person who phoned or came, and the home in which they live."""


def _landline() -> forms.CharField:
    return forms.CharField(
        label=_("Landline"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


def _birth_year() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Year of birth"),
        required=False,
        min_value=FIRST_BIRTH_YEAR,
        max_value=LAST_BIRTH_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class NewLineForm(PersonOfHomeForm):
    """A person for the roster."""

    landline = _landline()
    birth_year = _birth_year()
    field_order = ("name", "phone", "landline", "estate", "home", "kind", "birth_year")


class LineForm(forms.Form):
    """A line of the roster without its mobile number, which opens the home."""

    name = forms.CharField(
        label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    landline = _landline()
    kind = forms.ChoiceField(
        label=_("Lives there as"), choices=Residency.Kind.choices, widget=forms.RadioSelect
    )
    birth_year = _birth_year()


class CheckedForm(forms.Form):
    """Evidence that the desk checked before a change."""

    checked = forms.ChoiceField(
        label=_("What did you check?"),
        choices=[choice for choice in Checked.choices if choice[0] != Checked.SHEET],
        widget=forms.RadioSelect,
    )


class NumberForm(CheckedForm):
    """The new number of somebody who came or phoned."""

    phone = PhoneField()
    field_order = ("phone", "checked")


class LineNumberForm(NumberForm):
    """The number of a line of the roster; none, for somebody who has no mobile number any more."""

    phone = PhoneField(required=False, help_text=_("Leave it empty for somebody without a mobile number."))


def _roles_given_by(user: User) -> list[tuple[Any, Any]]:
    """Returns the choices of roles; the auditor looks at what managers do and is not appointed by them."""
    auditors = StaffRole.Role.AUDITOR
    return [one for one in StaffRole.Role.choices if one[0] != auditors or is_security_admin(user)]


class DayInput(forms.DateInput):
    input_type = "date"


class RoleForm(forms.Form):
    """A role in an estate whose staff ``by`` keeps."""

    role = forms.ChoiceField(label=_("Role"))
    estate = forms.ModelChoiceField(label=_("Estate"), queryset=Estate.objects.none(), empty_label=None)
    starts_on = forms.DateField(label=_("First day"), required=False, widget=DayInput)
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput, help_text=_("Empty: until it is taken away")
    )

    def __init__(self, *args: Any, estates: QuerySet[Estate], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _roles_given_by(by)  # type: ignore[attr-defined]
        self.fields["estate"].queryset = estates  # type: ignore[attr-defined]
        self.fields["estate"].initial = estates.first()


class NewPersonForm(forms.Form):
    """The names of a new account."""

    name = forms.CharField(
        label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    username = forms.CharField(
        label=_("Name for signing in"),
        max_length=30,
        help_text=_("Small letters and digits"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class NewAccountForm(NewPersonForm):
    """A new member of staff."""

    phone = PhoneField(required=False, help_text=_("Optional: calls for help reach them by SMS."))
    estate = forms.ModelChoiceField(label=_("Estate"), queryset=Estate.objects.none(), empty_label=None)
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, estates: QuerySet[Estate], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _roles_given_by(by)  # type: ignore[attr-defined]
        self.fields["estate"].queryset = estates  # type: ignore[attr-defined]
        self.fields["estate"].initial = estates.first()


class NewAdministratorForm(NewPersonForm):
    """A new administrator, with an account of their own for it."""

    administration = forms.ChoiceField(
        label=_("Kind of administrator"), choices=Administration.choices, widget=forms.RadioSelect
    )
    companies = forms.ModelMultipleChoiceField(
        label=_("Property companies"),
        queryset=PropertyCompany.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For the city's operator. None: all estates"),
    )


class EndAccountForm(forms.Form):
    """Asks for the colleagues who take over the work of somebody who leaves, a field a kind of work."""

    def __init__(
        self, *args: Any, person: User, estates: Collection[int], work: Sequence[Work], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._handovers = [one.handover for one in work if one.rows]
        for handover in self._handovers:
            self.fields[handover.field] = forms.ModelChoiceField(
                label=handover.question,  # type: ignore[arg-type]
                queryset=colleagues_of(person, estates, *handover.roles),
                required=False,
                empty_label=handover.empty,  # type: ignore[arg-type]
            )

    def chosen(self) -> dict[str, User | None]:
        """The colleague by the key of the work; None where nobody is chosen."""
        return {one.key: self.cleaned_data.get(one.field) for one in self._handovers}


class FactorResetForm(forms.Form):
    reason = forms.CharField(
        label=_("What happened?"),
        max_length=200,
        help_text=_("For example: phone lost on Monday, spoken with them in person."),
    )


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why not?"),
        max_length=200,
        help_text=_("The resident reads this."),
        error_messages={"required": _("Please give a reason.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class FamilyForm(RelationForm, FamilyNumberForm, ServicesForm):
    """A delegate whom a resident names at the desk; with a signed paper where they have no phone."""

    ends_on = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Empty: until it is taken away"), widget=DayInput
    )
    picture = forms.FileField(
        label=_("Photo of the signed paper"),
        required=False,
        help_text=_("Only for a resident without a phone. Otherwise they get a code."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    field_order = ["relation", "phone", "services", "ends_on", "picture"]
