"""Staff forms for notices; they check the shape of input and call an action, which checks the rules."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core.dates import near
from community.core.errors import ActionError, show_refusal
from community.estates.home_names import homes_listed, short_name
from community.estates.models import Building, Entrance, Estate
from community.notices import actions, audiences, body
from community.notices.actions import Audience, Words
from community.notices.actions.drafts import HTML, TEXT
from community.notices.models import Notice

CHOOSE = {"required": _("Please choose one."), "invalid_choice": _("Please choose one.")}
CHOOSE_PLACES = {
    "invalid_choice": _("Please choose in this estate."),
    "invalid_pk_value": _("Please choose in this estate."),
}
WRONG_SHOWN = 10
KEY_DIGITS = 18


class Places(forms.ModelMultipleChoiceField):
    """Choice by keys; refuses numbers longer than any key, which SQLite would not accept."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, list | tuple) else ():
            if len(str(key)) > KEY_DIGITS:
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value")
        return super().clean(value)


class Moment(forms.DateTimeField):
    """A time near today; the first and last dates that can be typed exist in no calendar."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        if moment is not None and near(moment.date()) is None:
            raise forms.ValidationError(_("Please choose a date nearer to today."), "far_off")
        return moment


def moment_field(label: Any, *, hint: Any = "", missing: Any = "") -> forms.DateTimeField:
    return Moment(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": missing,
            "invalid": _("Please write the day and the minute, such as 2026-11-25 09:00."),
        },
    )


class Refusable(forms.Form):
    """Form that shows the refusal of its action at the field and keeps the input."""

    def carry_out(self, act: Callable[[], Any]) -> bool:
        try:
            act()
        except ActionError as error:
            show_refusal(self, error)
            return False
        return True


class WordsForm(Refusable):
    """Content of a notice. ``written_as`` is html if the page's editor wrote it."""

    title = forms.CharField(label=_("Title"), required=False, help_text=_("What is it, in a few words?"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Notice.Kind, error_messages=CHOOSE)
    body = forms.CharField(
        label=pgettext_lazy("notice", "Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    written_as = forms.ChoiceField(
        choices=[(TEXT, TEXT), (HTML, HTML)], required=False, widget=forms.HiddenInput
    )
    ends_at = moment_field(_("Shown until"), hint=_("Left empty: until it is withdrawn."))

    def body_html(self) -> str:
        """Returns HTML for the page's editor: the input, or the stored text."""
        written = self["body"].value() or ""
        if len(written) > actions.LONGEST_SENT:
            written = written[: actions.LONGEST_SENT]
        is_html = self.is_bound and self["written_as"].value() == HTML
        return body.clean(written) if is_html else body.from_text(written)

    def body_text(self) -> str:
        """Returns text for the plain text field, converted from HTML if necessary."""
        written = self["body"].value() or ""
        if self.is_bound and self["written_as"].value() == HTML:
            return body.as_text(body.clean(written[: actions.LONGEST_SENT]))
        return str(written)

    def words(self, *, is_urgent: bool = False) -> Words:
        given = self.cleaned_data
        return Words(
            title=given["title"],
            body=given["body"],
            written_as=given["written_as"] or TEXT,
            kind=given["kind"],
            is_urgent=is_urgent,
            ends_at=given["ends_at"],
        )


def initial_words(notice: Notice) -> dict[str, Any]:
    return {
        "title": notice.title,
        "kind": notice.kind,
        "body": body.as_text(notice.body),
        "ends_at": notice.ends_at,
    }


class NoticeForm(WordsForm):
    """A draft: content and audience."""

    is_urgent = forms.BooleanField(
        label=_("Urgent"), required=False, help_text=_("Pinned to the home page and sent as an SMS too.")
    )
    scope = forms.ChoiceField(label=_("For whom"), widget=forms.RadioSelect, error_messages=CHOOSE)
    buildings = Places(
        Building.objects.none(),
        label=_("Buildings"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=CHOOSE_PLACES,
    )
    entrances = Places(
        Entrance.objects.none(), label=_("Entrances"), required=False, error_messages=CHOOSE_PLACES
    )
    homes = forms.CharField(
        label=_("Homes"),
        required=False,
        help_text=_("One after another, such as 3-2-501, 3-2-502."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    group = forms.ChoiceField(label=_("Who is affected"), required=False, error_messages=CHOOSE)

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estate = estate
        groups = [(group.value, group.label) for group in audiences.groups_in(estate)]
        entrances = Entrance.objects.filter(building__estate=estate).select_related("building")
        chosen: Any = self.fields
        chosen["buildings"].queryset = estate.buildings.all()
        chosen["entrances"].queryset = entrances.order_by("building__position", "building__name", "position")
        chosen["group"].choices = [("", _("Please choose")), *groups]
        scopes = [choice for choice in Notice.Scope.choices if groups or choice[0] != Notice.Scope.GROUP]
        chosen["scope"].choices = scopes

    def clean_homes(self) -> list[Any]:
        """Returns the homes if the audience is homes; names the ones that are not found."""
        if self.cleaned_data.get("scope") != Notice.Scope.HOMES:
            return []
        found, wrong = homes_listed(self.cleaned_data["homes"], self.estate)
        if wrong:
            names = "、".join(name[:20] for name in wrong[:WRONG_SHOWN])
            raise forms.ValidationError(_("Not found in this estate: %(names)s") % {"names": names})
        return found

    def audience(self) -> Audience:
        given = self.cleaned_data
        return Audience(
            scope=given["scope"],
            buildings=list(given["buildings"]),
            entrances=list(given["entrances"]),
            homes=given["homes"],
            group=given["group"],
        )

    def entrance_groups(self) -> list[tuple[Building, list[tuple[Entrance, bool]], bool]]:
        """Returns entrances by building, each with whether it is chosen, and whether any of the building is."""
        chosen = {str(one) for one in self["entrances"].value() or ()}
        field: Any = self.fields["entrances"]
        groups: dict[Building, list[tuple[Entrance, bool]]] = {}
        for entrance in field.queryset:
            groups.setdefault(entrance.building, []).append((entrance, str(entrance.pk) in chosen))
        return [(building, rows, any(is_on for _one, is_on in rows)) for building, rows in groups.items()]


def initial_notice(notice: Notice) -> dict[str, Any]:
    parts = list(notice.parts.select_related("home__entrance__building"))
    return {
        **initial_words(notice),
        "is_urgent": notice.is_urgent,
        "scope": notice.scope,
        "buildings": [part.building_id for part in parts if part.building_id],
        "entrances": [part.entrance_id for part in parts if part.entrance_id],
        "homes": "、".join(short_name(part.home) for part in parts if part.home),
        "group": notice.group,
    }


class CorrectForm(WordsForm):
    """A correction of a published notice."""

    tell_again = forms.BooleanField(
        label=_("Tell everybody again"),
        required=False,
        help_text=_("They get a new message, and the notice counts as unread again."),
    )


class VerbForm(Refusable):
    """Confirmation form of a verb."""

    # Templates use the classes themselves to link to their confirmation pages.
    do_not_call_in_templates: ClassVar[bool] = True
    slug: ClassVar[str]
    verb: ClassVar[str]
    title: ClassVar[Promise | str]
    text: ClassVar[Promise | str] = ""
    button: ClassVar[Promise | str]
    kind: ClassVar[str] = "main"
    icon: ClassVar[str] = "check"
    shows_reach: ClassVar[bool] = True
    done: ClassVar[Promise | str]

    def __init__(self, *args: Any, notice: Notice, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice, self.by = notice, by

    def expected_homes(self) -> int | None:
        """Returns the number of homes that the page showed; None if it was not sent."""
        given = self.data.get("homes_shown", "")
        return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else None

    def act(self, *, now: datetime) -> None:
        raise NotImplementedError


class PublishForm(VerbForm):
    slug, verb, icon = "publish", "publish_notice", "send"
    title = _("Publish now?")
    button = pgettext_lazy("notice", "Publish")
    done = _("“%(title)s” is published: for %(homes)d homes, %(people)d people are told.")

    def act(self, *, now: datetime) -> None:
        actions.publish_notice(notice=self.notice, by=self.by, now=now, expected_homes=self.expected_homes())


class ScheduleForm(VerbForm):
    slug, verb, icon = "schedule", "schedule_notice", "clock"
    title = _("Publish later")
    button = _("Schedule it")
    done = _("“%(title)s” will be published for %(homes)d homes, at the time that you chose.")
    publish_at = moment_field(_("Publish at"), missing=_("Please choose a time."))

    def act(self, *, now: datetime) -> None:
        actions.schedule_notice(
            notice=self.notice,
            publish_at=self.cleaned_data["publish_at"],
            by=self.by,
            now=now,
            expected_homes=self.expected_homes(),
        )


class UnscheduleForm(VerbForm):
    slug, verb, icon, kind = "unschedule", "unschedule_notice", "x", "line"
    title = _("Do not publish it?")
    text = _("It becomes a draft again.")
    button = _("Make it a draft")
    done = _("“%(title)s” is a draft again.")
    shows_reach = False

    def act(self, *, now: datetime) -> None:
        actions.unschedule_notice(notice=self.notice, by=self.by, now=now)


class DiscardForm(VerbForm):
    slug, verb, icon, kind = "discard", "discard_notice", "trash", "danger"
    title = _("Throw the draft away?")
    text = _("Nobody has seen it. This cannot be undone.")
    button = pgettext_lazy("notice", "Throw away")
    done = _("The draft “%(title)s” is thrown away.")
    shows_reach = False

    def act(self, *, now: datetime) -> None:
        actions.discard_notice(notice=self.notice, by=self.by, now=now)


class WithdrawForm(VerbForm):
    slug, verb, icon, kind = "withdraw", "withdraw_notice", "x", "danger"
    title = _("Withdraw the notice?")
    text = _("Residents read that it was withdrawn, and not its text. This cannot be undone.")
    button = pgettext_lazy("notice", "Withdraw")
    done = _("“%(title)s” is withdrawn.")
    shows_reach = False
    reason = forms.CharField(
        label=_("Why?"), required=False, help_text=_("Only staff read it."), widget=forms.Textarea
    )

    def act(self, *, now: datetime) -> None:
        actions.withdraw_notice(notice=self.notice, reason=self.cleaned_data["reason"], by=self.by, now=now)


VERB_FORMS: tuple[type[VerbForm], ...] = (
    PublishForm,
    ScheduleForm,
    UnscheduleForm,
    DiscardForm,
    WithdrawForm,
)


class ListFilters(forms.Form):
    """Filters of the staff list, in the address."""

    words = forms.CharField(
        label=_("Search"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields
        choices["state"].choices = [("", _("All")), *Notice.Status.choices]
        choices["kind"].choices = [("", _("All")), *Notice.Kind.choices]

    def valid_filters(self) -> dict[str, Any]:
        """Returns the valid filters; invalid ones are ignored."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
