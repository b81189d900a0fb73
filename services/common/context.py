"""Template context of every staff page: the alarm bar."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.staff_session import STAFF_SESSION
from community.core import clock
from community.core.services import declared
from services.common import alarms


def is_staff_page(request: HttpRequest) -> bool:
    """Whether the page belongs to staff: by its address, or by the session on pages that residents have too."""
    areas = ("/staff/", "/admin/", *(area.path for one in declared() for area in one.staff_areas))
    return request.path.startswith(areas) or bool(request.session.get(STAFF_SESSION))


def alarm_bar(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``alarm_bar``, looked up when a page shows it.

    On pages that staff and residents share it is there for sessions of staff, so that residents cost no query.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not is_staff_page(request):
        return {}
    return {"alarm_bar": SimpleLazyObject(lambda: alarms.bar(user, clock.now()))}
