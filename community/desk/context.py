"""The side nav of every staff page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from community.desk.start import nav


def staff(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``staff_nav`` and ``staff_waiting``, counted when a staff page shows them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    entries = SimpleLazyObject(lambda: nav(request, user))  # type: ignore[arg-type]
    waiting = SimpleLazyObject(lambda: sum(entry.count for entry in entries))
    return {"staff_nav": entries, "staff_waiting": waiting}
