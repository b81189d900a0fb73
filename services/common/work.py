"""Shared parts of the phone pages of workers, carers and crews; their frame is ``templates/work/base.html``."""

from typing import Any

from accounts.models import User
from accounts.policies import Role, estates_of
from community.core.errors import Forbidden
from community.estates.models import Estate


def estates_to_work_in(user: User, role: Role) -> list[Estate]:
    """Returns the estates in which ``user`` has the role. Raises ``Forbidden`` if there is none."""
    estates = list(estates_of(user, role))
    if not estates:
        raise Forbidden
    return estates


def frame_context(estate: Estate) -> dict[str, Any]:
    """Returns the frame's context, without an address for 请家人帮忙: work is never handed over to relatives."""
    return {"estate": estate, "desk_phone": estate.desk_phone, "home": None, "handover_url": ""}
