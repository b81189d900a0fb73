"""What the phone pages of a worker, a carer and a crew share; their frame is ``templates/work/base.html``."""

from typing import Any

from accounts.models import User
from accounts.policies import Role, estates_of
from community.core.errors import Forbidden
from community.estates.models import Estate


def estates_to_work_in(user: User, role: Role) -> list[Estate]:
    """The estates in which ``user`` has the role; raises ``Forbidden`` if there is none."""
    estates = list(estates_of(user, role))
    if not estates:
        raise Forbidden
    return estates


def frame_context(estate: Estate) -> dict[str, Any]:
    """The frame's context. A step of work is never handed over to a family: no address for that."""
    return {"estate": estate, "desk_phone": estate.desk_phone, "home": None, "handover_url": ""}
