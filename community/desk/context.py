"""The side nav of every staff page, and the frame of the pages that refuse."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.policies import is_staff_person
from community.core.services import declared
from community.desk.start import nav

RESIDENTS_FRAME = "base.html"
STAFF_FRAME = ("base_staff.html", "/staff/")


def staff(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``staff_nav`` and ``staff_waiting``, counted when a staff page shows them.

    ``refusal_frame`` is the base template of a page that refuses, ``refusal_home`` where its button leads:
    in the staff area, for staff, the one with their menu.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    entries = SimpleLazyObject(lambda: nav(request, user))  # type: ignore[arg-type]
    waiting = SimpleLazyObject(lambda: sum(entry.count for entry in entries))
    return {
        "staff_nav": entries,
        "staff_waiting": waiting,
        "refusal_frame": lambda: frame_of(request.path, user)[0],  # type: ignore[arg-type]
        "refusal_home": lambda: frame_of(request.path, user)[1],  # type: ignore[arg-type]
    }


def frame_of(path: str, user: User) -> tuple[str, str]:
    """The base template for a page that refuses below this address, and the page to go on from."""
    frames = {"/staff/": STAFF_FRAME, "/admin/": STAFF_FRAME}
    frames |= {area.path: (area.template, area.path) for one in declared() for area in one.staff_areas}
    found = next((frame for area, frame in frames.items() if path.startswith(area)), None)
    return found if found and is_staff_person(user) else (RESIDENTS_FRAME, "/")
