"""Repairs made from complaints."""

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
from services.repairs.actions.reports import NewReport, answer_report, begin_report, send_report
from services.repairs.models import Repair, RepairCategory


@dataclass(frozen=True)
class ComplaintRepair:
    """The repair that a complaint becomes.

    ``where`` holds its ``home`` or its ``place``; ``key`` is the id of the draft, so that it is created once.
    """

    category: RepairCategory
    where: Mapping[str, Any]
    description: str
    key: UUID


def turn_into_repair(*, feedback: Feedback, details: ComplaintRepair, by: User, now: datetime) -> Repair:
    """Reports a repair of the complaint and gives each the other's reference; the complaint's thread goes on.

    It is reported for the writer, or for ``by`` if the writer is anonymous. Raises ``Forbidden``,
    ``AlreadyMoved`` if a repair was made already, and ``ActionError`` as ``begin_report``, ``answer_report``
    and ``send_report`` do.
    """
    policies.require("turn_into_repair", by, feedback)
    if feedback.repair_reference:
        raise AlreadyMoved
    resident = feedback.resident or by
    with transaction.atomic():
        report = NewReport(
            resident=resident,
            estate=feedback.estate,
            category=details.category,
            key=details.key,
            **details.where,
        )
        draft = begin_report(report, by=by, now=now)
        answer_report(draft=draft, by=by, description=details.description)
        repair = send_report(draft=draft, by=by, now=now)
        feedback_actions.link_repair(feedback=feedback, by=by, reference=repair.reference, now=now)
    return repair
