"""Buttons of the admin that call an action after a confirmation dialog.

A status is never an editable field. Refusals are shown above the page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from community.core.errors import Refusal

Variant = ActionVariant


class ConfirmForm(BaseDialogForm):
    """Dialog without fields."""


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


def verb_button(
    verb: str,
    title: str | Promise,
    *,
    explains: str | Promise = "",
    form: type[BaseDialogForm] = ConfirmForm,
    icon: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[..., HttpResponse]:
    """Returns a button ``verb`` for ``actions_detail``: GET shows the dialog, POST performs the verb."""

    def press(self: Any, request: HttpRequest, filled: forms.Form, object_id: str) -> HttpResponse:
        return self.take(request, verb, self.row(request, object_id), filled.cleaned_data)

    press.__name__ = verb
    dialog: Any = {"title": title, "description": explains, "form_class": form, "form_submit_text": title}
    button: Any = action(
        description=title,  # type: ignore[arg-type]  # (a lazily translated one is as good)
        url_path=verb.replace("_", "-"),
        icon=icon or None,
        variant=variant,
        dialog=dialog,
    )(press)

    @wraps(button)
    def guarded(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        self.row(request, object_id)
        return button(self, request, object_id=object_id)

    return guarded


class VerbButtons:
    """Mixin for an ``EstateScopedAdmin`` whose rows change by verbs."""

    opts: Any
    admin_site: Any

    def allowed_here(self, request: HttpRequest, row: Any) -> set[str]:
        """Returns the verbs whose buttons the user sees on this row."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        """Calls the action of ``verb``, which checks the permission again."""
        raise NotImplementedError

    def row(self, request: HttpRequest, object_id: str) -> Model:
        """Returns the row; 404 if the user does not see it."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=object_id)  # type: ignore[attr-defined]

    def take(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> HttpResponse:
        try:
            self.perform(request, verb, row, filled)
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Done: %(what)s") % {"what": self._title_of(verb)})
        page = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponse(headers={"HX-Redirect": reverse(page, args=[row.pk])})

    def _title_of(self, verb: str) -> str:
        """Returns the label of a verb's button."""
        return str(getattr(getattr(self, verb), "short_description", verb))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        row = self.get_queryset(request).filter(pk=object_id).first()  # type: ignore[attr-defined]
        if row is None:
            return []
        allowed = self.allowed_here(request, row)
        buttons = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [button for button in buttons if button.method.original_function_name in allowed]
