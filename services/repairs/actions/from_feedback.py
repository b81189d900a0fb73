"""A complaint that is really something to mend."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from community.core.transitions import AlreadyMoved
from services.feedback import actions as feedback_actions
from services.feedback import policies
from services.feedback.models import Feedback
from services.repairs.actions.reporting import answer_report, begin_report, send_report
from services.repairs.models import Repair, RepairCategory


def turn_into_repair(
    *,
    feedback: Feedback,
    by: User,
    category: RepairCategory,
    where: dict[str, Any],
    description: str,
    key: UUID,
    now: datetime,
) -> Repair:
    """Report a repair of it, and tell each of the other by its reference; the thread goes on.

    In the resident's name; where nobody knows the writer, in that of whoever does it here.
    """
    policies.require("turn_into_repair", by, feedback)
    if feedback.repair_reference:
        raise AlreadyMoved
    resident = feedback.resident or by
    with transaction.atomic():
        draft = begin_report(
            resident=resident, by=by, estate=feedback.estate, category=category, key=key, now=now, **where
        )
        answer_report(draft=draft, by=by, description=description)
        repair = send_report(draft=draft, by=by, now=now)
        feedback_actions.link_repair(feedback=feedback, by=by, reference=repair.reference, now=now)
    return repair
