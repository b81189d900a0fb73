"""Admin of merchant accounts, for system administrators alone. Keys go in and are never shown again."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from accounts.second_factor.office import AsksAgain
from community.core import clock
from community.core.admin_base import EstateScopedAdmin
from community.core.admin_verbs import VerbButtons, verb_button
from services.fees import actions
from services.fees.models import MerchantAccount
from services.fees.providers import credentials
from services.fees.providers.credentials import KeyField

# When each key was entered, beside the keys.
ENTERED = "entered_on"


def field_name(provider: str, key: KeyField) -> str:
    return f"{provider}_{key.name}"


def _form_field(key: KeyField, entered: str) -> forms.CharField:
    box: Any = UnfoldAdminTextareaWidget if key.is_long else UnfoldAdminPasswordWidget
    words = _("Entered on %(day)s. Leave it empty to keep it.") % {"day": entered} if entered else key.file
    return forms.CharField(
        label=key.label,
        help_text=words,
        required=False,
        widget=box(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class MerchantForm(forms.ModelForm):
    class Meta:
        model = MerchantAccount
        fields = ("company", "estate", "provider", "merchant_number", "app_id", "is_on")
        help_texts: ClassVar = {
            "merchant_number": _("Alipay: the seller's number, which begins with 2088"),
            "app_id": _(
                "WeChat Pay: the AppID of the official account; Alipay: the APPID of the application"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entered = self.instance.secrets.get(ENTERED, {})
        for provider, keys in credentials.FIELDS.items():
            if self.instance.pk and provider != self.instance.provider:
                continue
            for key in keys:
                self.fields[field_name(provider, key)] = _form_field(key, entered.get(key.name, ""))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        provider = typed.get("provider") or self.instance.provider
        secrets = dict(self.instance.secrets) if self.instance.pk else {}
        entered = dict(secrets.pop(ENTERED, {}))
        for key in credentials.FIELDS.get(provider, ()):
            name = field_name(provider, key)
            if not typed.get(name):
                continue
            try:
                secrets[key.name] = key.read(typed[name])
                entered[key.name] = str(clock.today(clock.now()))
            except ValidationError as error:
                self.add_error(name, error)
        if not self.errors:
            self._complete(provider, secrets, entered)
        return typed

    def _complete(self, provider: str, secrets: dict[str, str], entered: dict[str, str]) -> None:
        try:
            keys = credentials.complete(provider, secrets)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(f"{provider}_{name}", messages)
        else:
            self.instance.credentials = json.dumps(keys | {ENTERED: entered})


@admin.register(MerchantAccount)
class MerchantAdmin(AsksAgain, VerbButtons, EstateScopedAdmin):
    form = MerchantForm
    list_display = ("company", "estate", "provider", "merchant_number", "is_on")
    list_filter = ("provider", "is_on")
    list_select_related = ("company", "estate")
    search_fields = ("merchant_number", "company__name")
    actions_detail = ("try_it",)

    try_it = verb_button(
        "try_it",
        _("Try it"),
        explains=_("Asks the provider about an order that does not exist. No money moves."),
        icon="network_check",
    )

    def allowed_here(self, request: HttpRequest, row: MerchantAccount) -> set[str]:
        return {"try_it"}

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.try_merchant(merchant=row)
        messages.success(request, _("The provider knows the merchant, and the keys fit."))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Returns the columns, and below them the keys of the provider, of both for a new account."""
        labels = dict(MerchantAccount.Provider.choices)
        keys = [
            (labels[provider], {"fields": [field_name(provider, key) for key in fields]})
            for provider, fields in credentials.FIELDS.items()
            if obj is None or provider == obj.provider
        ]
        return [(None, {"fields": MerchantForm.Meta.fields}), *keys]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The fields of keys are no columns: Django must not look them up.
        return super().get_form(
            request, obj, change=change, **(kwargs | {"fields": MerchantForm.Meta.fields})
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Payments name the account: what they were paid to stays as it was."""
        return ("company", "provider", "merchant_number") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MerchantAccount, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)
