"""The back office as a site: its door, its shell, and how much its pages may do in a browser."""

import re
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import SELF, UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

# What the pages of the back office get beyond the product's policy, which allows nothing inline.
# unfold is driven by Alpine, and Alpine evaluates the expressions of its attributes: scripts still
# come from ourselves only and none may stand in a page, but 'unsafe-eval' cannot be avoided. Its
# style sheet has small pictures as data: addresses. Nothing else is opened: the colours that unfold
# would write into a <style> come from a file (css/admin.css), and htmx is told to write none.
POLICY = {"script-src": [SELF, UNSAFE_EVAL], "img-src": ["data:"]}


# A longer number is the key of nothing, and more than a database takes.
TOO_LONG = re.compile(r"\d{19}")
# What is looked for may hold any number.
FREE = {"q", "next"}


def _asked_for_what_can_be(view: Any) -> Any:
    """A view of the back office that is asked only by keys that a row can have; others are not found."""

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
    """A whole number that a database holds, or a UUID."""
    if text.isascii() and text.isdecimal():
        return not TOO_LONG.search(text)
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


class OfficeSite(UnfoldAdminSite):
    """unfold's site with our sign-in page, our colours and our policy."""

    site_title = site_header = _("Back office")
    index_title = _("Back office")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_update(POLICY)(super().admin_view(_asked_for_what_can_be(view), cacheable))

    def has_permission(self, request: HttpRequest) -> bool:
        """By a role that has rights here, or by the flag of the account; what is seen, the rights say."""
        user: Any = request.user
        return user.is_active and (user.is_staff or bool(user.get_all_permissions()))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Staff sign in on their own page, which counts wrong guesses; a resident is told no."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        back = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{resolve_url('staff_sign_in')}?{urlencode({'next': back})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(resolve_url("sign_out"))

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """No colours in the page: unfold would write them inline."""
        return {**context, "colors": None}


class OfficeConfig(AdminConfig):
    default_site = "community.admin_site.OfficeSite"
