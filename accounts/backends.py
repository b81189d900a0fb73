"""Admin rights of staff roles and of administrators, answered through ``user.has_perm``.

``user.has_perm("repairs.view_repair")`` asks for any estate, ``user.has_perm(…, estate_pk)`` for one.
Django's permission rows are not used: roles and administrations are the only source of rights: those of a
superuser are what the system administration declares.
"""

from collections import defaultdict
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend

from accounts.models import User, access_of
from community.core.services import all_on


def roles_of_office() -> set[str]:
    """The roles that have any right in the back office."""
    return {role for app in all_on() for role in app.rights}


@cache
def _permissions(role: str, services: tuple[str, ...]) -> frozenset[str]:
    """Returns the rights of a role while these services are switched on."""
    return frozenset(
        f"{label.partition('.')[0]}.{verb}_{label.partition('.')[2]}"
        for app in all_on()
        for label, verbs in app.rights.get(role, {}).items()
        for verb in verbs
    )


def permissions_of(role: str) -> frozenset[str]:
    """Returns the rights of a role, as declared by apps and by services that are switched on."""
    return _permissions(role, tuple(settings.SERVICES))


class RoleBackend(BaseBackend):
    """Authentication backend that grants rights from roles."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        if obj is not None and not isinstance(obj, int):
            return set()
        if user_obj.administration:
            # In every estate alike.
            return set(permissions_of(user_obj.administration))
        return _granted(user_obj).get(obj, set())


def _granted(user: User) -> dict[int | None, set[str]]:
    """Returns rights by estate, and under None those of all estates; computed once for each request's user."""
    known: dict[int | None, set[str]] | None = getattr(user, "_rights_by_estate", None)
    if known is None:
        known = defaultdict(set)
        for estate, role in access_of(user).roles:
            known[estate] |= permissions_of(role)
            known[None] |= permissions_of(role)
        user._rights_by_estate = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known
