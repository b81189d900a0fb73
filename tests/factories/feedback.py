from typing import Any

from community.core import clock
from community.core.transitions import record_first_status
from services.common.response_clock import full_hour
from services.feedback import thread_codes
from services.feedback.models import Feedback, StandardAnswer
from tests.factories.base import make_estate, make_home, make_resident, numbers


def make_feedback(*, code: str = "", status: str = Feedback.Status.NEW, **overrides: Any) -> Feedback:
    """Creates a resident's complaint; with ``code``, an anonymous one that this code opens."""
    now = clock.now()
    estate = overrides.pop("estate", None) or make_estate()
    fields: dict[str, Any] = {
        "estate": estate,
        "kind": Feedback.Kind.COMPLAINT,
        "reference": f"F-261123-{next(numbers):04d}",
        "description": "楼下广场舞太吵了",
        "status": status,
        "created_at": now,
        "status_changed_at": now,
    }
    if code:
        hour = full_hour(now)
        fields |= {"is_anonymous": True, "code_hash": thread_codes.digest(code)}
        fields |= {"created_at": hour, "status_changed_at": hour}
    else:
        resident = overrides.get("resident") or make_resident(home=make_home(estate=estate))
        fields |= {"resident": resident, "reported_by": resident}
    feedback = Feedback.objects.create(**(fields | overrides))
    record_first_status(feedback, by=feedback.reported_by, now=feedback.created_at)
    return feedback


def make_standard_answer(**overrides: Any) -> StandardAnswer:
    fields: dict[str, Any] = {"title": f"已收到{next(numbers)}", "words": "您好,已收到,我们马上去看。"}
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    return StandardAnswer.objects.create(**(fields | overrides))
