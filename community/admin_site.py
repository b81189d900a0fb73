"""Site of the admin: sign-in, frame, and its Content-Security-Policy."""

import re
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import SELF, UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from community.core.services import is_off

# Additions to the product's policy, which allows nothing inline. unfold uses Alpine, which evaluates the
# expressions of its attributes: scripts still come from this site only and none may stand in a page, but
# 'unsafe-eval' is unavoidable. Its style sheet has small pictures as data: addresses. Nothing else is
# allowed: the colours that unfold would write into a <style> come from a file (css/admin.css), and htmx is
# configured to write none.
POLICY = {"script-src": [SELF, UNSAFE_EVAL], "img-src": ["data:"]}


# Longer numbers cannot be keys and exceed the database's integers.
TOO_LONG = re.compile(r"\d{19}")
# Search text may contain any number.
FREE = {"q", "next"}


def _asked_for_what_can_be(view: Any) -> Any:
    """Wraps an admin view so that impossible keys get a 404."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = kwargs.get("object_id")
        if key is not None and not _is_key(str(key)):
            raise Http404
        narrowed = (value for name, values in request.GET.lists() if name not in FREE for value in values)
        if any(TOO_LONG.search(value) for value in narrowed):
            raise Http404
        return view(request, *args, **kwargs)

    return asked


def _is_key(text: str) -> bool:
    """Whether the text is an integer of the database or a UUID."""
    if text.isascii() and text.isdecimal():
        return not TOO_LONG.search(text)
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


class OfficeSite(UnfoldAdminSite):
    """unfold's admin site with our sign-in page, colours and policy."""

    site_title = site_header = _("Back office")
    index_title = _("Back office")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_update(POLICY)(super().admin_view(_asked_for_what_can_be(view), cacheable))

    def is_registered(self, model: type[Model]) -> bool:
        return not is_off(model._meta.app_label) and super().is_registered(model)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Addresses, without those of services that are switched off."""
        off = tuple(f"{model._meta.app_label}/" for model in self._registry if is_off(model._meta.app_label))
        return [url for url in super().get_urls() if not str(url.pattern).startswith(off)]

    def _build_app_dict(self, request: HttpRequest, label: str | None = None) -> dict[str, Any]:
        """Lists by app, without those of services that are switched off."""
        found = super()._build_app_dict(request, label)
        if label:
            return {} if is_off(label) else found
        return {app: lists for app, lists in found.items() if not is_off(app)}

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the user has a role with admin rights or the flag of the account; rights decide what is
        visible.
        """
        user: Any = request.user
        return user.is_active and (user.is_staff or bool(user.get_all_permissions()))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirects to the sign-in page of staff, which limits wrong passwords; residents are refused."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        back = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{resolve_url('staff_sign_in')}?{urlencode({'next': back})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(resolve_url("sign_out"))

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """Adds no colours, which unfold would write inline."""
        return {**context, "colors": None}


class OfficeConfig(AdminConfig):
    default_site = "community.admin_site.OfficeSite"
