"""Admin of official accounts of WeChat, for system administrators alone. Keys go in and are never shown again."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.second_factor.office import AsksAgain
from community.core import clock
from community.core.admin_base import EstateScopedAdmin
from community.core.admin_verbs import VerbButtons, verb_button
from community.core.services import registry
from community.wechat.actions import try_account
from community.wechat.errors import WORDS
from community.wechat.models import MessageTemplate, OfficialAccount

# Keys of an account, and their form.
KEYS = {
    "secret": (re.compile(r"[0-9A-Za-z]{32}"), _("The AppSecret has 32 digits and letters.")),
    "token": (re.compile(r"[0-9A-Za-z]{3,32}"), _("The Token has 3 to 32 digits and letters.")),
    "aes_key": (re.compile(r"[0-9A-Za-z]{43}"), _("The EncodingAESKey has 43 digits and letters.")),
}
LABELS = {"secret": "AppSecret", "token": "Token", "aes_key": "EncodingAESKey"}
KINDS = "thing|character_string|phrase|const|number|letter|amount|time|date|phone_number|car_number|name"
KEYWORD = re.compile(rf"(?:{KINDS})\d+")
WORDS_OF_MESSAGE = ("title", "body")


class AccountForm(forms.ModelForm):
    class Meta:
        model = OfficialAccount
        fields = ("company", "name", "app_id", "is_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in KEYS:
            is_kept = bool(self.instance.pk and getattr(self.instance, name))
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                required=name == "secret" and not is_kept,
                help_text=_("Leave it empty to keep it.") if is_kept else "",
                widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name, (form, words) in KEYS.items():
            value = (typed.get(name) or "").strip()
            if value and not form.fullmatch(value):
                self.add_error(name, words)
            elif value:
                setattr(self.instance, name, value)
        return typed


class TemplateForm(forms.ModelForm):
    """Keywords are typed a line each: ``thing1 = title``."""

    keywords = forms.CharField(
        label=_("keywords"),
        help_text=_("A line each, such as “thing1 = title”: title and body are the message's own words."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )

    class Meta:
        model = MessageTemplate
        fields = ("message", "way", "template_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = sorted((str(one.title), name) for name, one in registry.messages().items())
        choices = [(name, title) for title, name in titles]
        self.fields["message"] = forms.ChoiceField(
            label=_("message"), choices=choices, widget=UnfoldAdminSelectWidget()
        )
        self.initial["keywords"] = "\n".join(f"{key} = {name}" for key, name in self.instance.fields.items())

    def clean_keywords(self) -> str:
        found: dict[str, str] = {}
        for line in self.cleaned_data["keywords"].splitlines():
            keyword, equals, name = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not equals or not KEYWORD.fullmatch(keyword):
                raise ValidationError(_("This is no keyword of a template: %(line)s") % {"line": line[:40]})
            found[keyword] = name
        self.instance.fields = found
        return str(self.cleaned_data["keywords"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        message = registry.message(typed.get("message", ""))
        known = {*WORDS_OF_MESSAGE, *(message.needs if message else ())}
        unknown = set(self.instance.fields.values()) - known
        if message is not None and unknown:
            words = _("This message has no %(names)s. It has: %(known)s.")
            given = {"names": ", ".join(sorted(unknown)), "known": ", ".join(sorted(known))}
            self.add_error("keywords", words % given)
        return typed


class TemplateInline(StackedInline):
    model = MessageTemplate
    form = TemplateForm
    extra = 0


@admin.register(OfficialAccount)
class OfficialAccountAdmin(AsksAgain, VerbButtons, EstateScopedAdmin):
    form = AccountForm
    estate_path = ""
    list_display = ("company", "name", "app_id", "is_on", "says")
    list_select_related = ("company",)
    search_fields = ("name", "app_id", "company__name")
    inlines: ClassVar = [TemplateInline]
    actions_detail = ("try_it",)

    try_it = verb_button(
        "try_it",
        _("Try it"),
        explains=_("Asks WeChat for an access token. Nothing is sent to anybody."),
        icon="network_check",
    )

    @admin.display(description=_("last problem"))
    def says(self, row: OfficialAccount) -> str:
        return str(WORDS.get(row.problem, row.problem or ""))

    def allowed_here(self, request: HttpRequest, row: OfficialAccount) -> set[str]:
        return {"try_it"}

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        try_account(account=row, now=clock.now())
        messages.success(request, _("WeChat knows the account, and the secret fits."))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": AccountForm.Meta.fields}), (_("Keys"), {"fields": tuple(KEYS)})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The fields of keys are the form's own: Django must not show what is stored.
        fields = {"fields": AccountForm.Meta.fields}
        return super().get_form(request, obj, change=change, **(kwargs | fields))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Openids belong to the application: with another one nobody could sign in."""
        return ("company", "app_id") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OfficialAccount, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)
