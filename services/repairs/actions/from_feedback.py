"""A complaint that is really something to mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from community.core.transitions import AlreadyMoved
from services.feedback import actions as feedback_actions
from services.feedback import policies
from services.feedback.models import Feedback
from services.repairs.actions.reporting import NewReport, answer_report, begin_report, send_report
from services.repairs.models import Repair, RepairCategory


@dataclass(frozen=True)
class ComplaintRepair:
    """The repair that a complaint becomes; ``where`` is its ``home`` or its ``place``, ``key`` is used once."""

    category: RepairCategory
    where: Mapping[str, Any]
    description: str
    key: UUID


def turn_into_repair(*, feedback: Feedback, asked: ComplaintRepair, by: User, now: datetime) -> Repair:
    """Report a repair of it, and tell each of the other by its reference; the thread goes on.

    In the resident's name; where nobody knows the writer, in that of whoever does it here.
    """
    policies.require("turn_into_repair", by, feedback)
    if feedback.repair_reference:
        raise AlreadyMoved
    resident = feedback.resident or by
    with transaction.atomic():
        report = NewReport(
            resident=resident,
            estate=feedback.estate,
            category=asked.category,
            key=asked.key,
            **asked.where,
        )
        draft = begin_report(report, by=by, now=now)
        answer_report(draft=draft, by=by, description=asked.description)
        repair = send_report(draft=draft, by=by, now=now)
        feedback_actions.link_repair(feedback=feedback, by=by, reference=repair.reference, now=now)
    return repair
