"""Admin of robots of group chats, for system administrators alone, and of what they were to say."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.second_factor.office import AsksAgain
from community.core import clock
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.admin_verbs import Variant, VerbButtons, verb_button
from community.wechat.actions import say_again
from community.wechat.models import GroupRobot, RobotMessage

# Form of the keys that WeCom and DingTalk hand out; DingTalk's secret has a prefix.
KEY = re.compile(r"[0-9A-Za-z_-]{8,128}")
LABELS = {"key": _("key in the robot's address"), "secret": _("secret for signing (DingTalk)")}


class RobotForm(forms.ModelForm):
    class Meta:
        model = GroupRobot
        fields = ("estate", "name", "kind", "hears_alarms", "hears_morning", "is_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LABELS:
            is_kept = bool(self.instance.pk and getattr(self.instance, name))
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                required=name == "key" and not is_kept,
                help_text=_("Leave it empty to keep it.") if is_kept else "",
                widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name in LABELS:
            value = (typed.get(name) or "").strip()
            if value and not KEY.fullmatch(value):
                self.add_error(name, _("The key is the last part of the robot's address, without “key=”."))
            elif value:
                setattr(self.instance, name, value)
        return typed


@admin.register(GroupRobot)
class GroupRobotAdmin(AsksAgain, EstateScopedAdmin):
    form = RobotForm
    list_display = ("estate", "name", "kind", "hears_alarms", "hears_morning", "is_on")
    list_select_related = ("estate",)
    search_fields = ("name", "estate__name")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": (*RobotForm.Meta.fields, *LABELS)})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The fields of keys are the form's own: Django must not show what is stored.
        return super().get_form(request, obj, change=change, **(kwargs | {"fields": RobotForm.Meta.fields}))

    def save_model(self, request: HttpRequest, obj: GroupRobot, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)


@admin.register(RobotMessage)
class RobotMessageAdmin(VerbButtons, ReadOnly, EstateScopedAdmin):
    """Messages to group chats; those that failed can be sent again."""

    estate_path = "robot__estate"
    list_display = ("created_at", "robot", "status", "tries", "error", "sent_at")
    list_filter = ("status",)
    list_select_related = ("robot",)
    fields = ("robot", "status", "tries", "error", "created_at", "next_try_at", "sent_at")
    actions_detail = ("send_again",)

    send_again = verb_button(
        "send_again",
        _("Send again"),
        explains=_("It is tried once more, from the first try on."),
        variant=Variant.PRIMARY,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("text")

    def allowed_here(self, request: HttpRequest, row: RobotMessage) -> set[str]:
        has_failed = row.status == RobotMessage.Status.FAILED
        return {"send_again"} if has_failed and self.has_right(request, "change", row) else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        say_again(message=row, by=request.user, now=clock.now())
