"""Decorators that open the pages of the desk to the roles that may see them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase

from accounts.http import SignedInRequest
from accounts.models import StaffRole
from accounts.policies import is_security_admin, is_staff_person, is_system_admin, roles_of
from community.core.errors import Forbidden

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """For every member of staff."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_staff_person(request.user):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def appointers_only(view: View) -> View:
    """For system and security administrators, who appoint each other by two."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (is_system_admin(request.user) or is_security_admin(request.user)):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def staff_keepers_only(view: View) -> View:
    """For managers of any estate, whose querysets narrow it to theirs, and security administrators."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_security_admin(request.user) and StaffRole.Role.MANAGER not in roles_of(request.user):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


def desk_only(view: View) -> View:
    """For the front desk and managers of any estate; querysets narrow it to theirs."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not roles_of(request.user) & set(StaffRole.DESK):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened
