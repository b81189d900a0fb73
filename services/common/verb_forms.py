"""Forms of verbs: they check the shape of input and call the action, which checks the rules."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, show_refusal

WORDS = 2000
ROWS = {"rows": 3}


class VerbForm(forms.Form):
    """Form of a verb with its input."""

    slug: ClassVar[str]
    verb: ClassVar[str]
    title: ClassVar[Promise | str]
    button: ClassVar[Promise | str]
    hint: ClassVar[Promise | str] = ""
    kind: ClassVar[str] = "main"
    icon: ClassVar[str] = "check"
    # Template with help, shown above the fields.
    above: ClassVar[str] = ""
    # Whether the form is open when the page loads, for the most frequent verb.
    stands_open: ClassVar[bool] = False
    # Refusal of the action, if any.
    refusal: ActionError | None = None

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.slug}_%s")
        super().__init__(*args, **kwargs)
        self.by = by

    @property
    def is_direct(self) -> bool:
        """Whether the form needs no input, so that a button is enough."""
        return all(field.is_hidden for field in self)

    def act(self, *, now: datetime) -> None:
        raise NotImplementedError

    def carry_out(self, *, now: datetime) -> bool:
        """Calls the action; a refusal is shown in the form, which keeps its input. Returns whether it was
        done.
        """
        if not self.is_valid():
            return False
        try:
            self.act(now=now)
        except ActionError as error:
            self.refusal = error
            show_refusal(self, error)
            return False
        return True


def words_field(label: Any, missing: Any = "", *, hint: Any = "", longest: int = WORDS) -> forms.CharField:
    """Returns a field for some sentences; required if ``missing``, its error, is given."""
    too_long = _("Please keep it under 2,000 characters.")
    if longest != WORDS:
        too_long = _("Please keep it under 500 characters.")
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        max_length=longest,
        widget=forms.Textarea(attrs=ROWS),
        error_messages={"required": missing, "max_length": too_long},
    )
