"""Every write of the repairs service. Pages, API, admin, tasks and commands call these."""

from services.repairs.actions.dispatching import accept_repair, assign_repair, decline_repair
from services.repairs.actions.drafts import discard_draft
from services.repairs.actions.following import (
    add_words,
    answer_quote,
    cancel_repair,
    close_unanswered,
    confirm_repair,
    rate_repair,
    reopen_repair,
)
from services.repairs.actions.from_feedback import ComplaintRepair, turn_into_repair
from services.repairs.actions.reporting import (
    NewReport,
    add_picture_to_draft,
    add_recording_to_draft,
    answer_report,
    begin_report,
    keep_stored_picture,
    remove_picture_from_draft,
    remove_recording_from_draft,
    send_report,
)
from services.repairs.actions.working import (
    add_work_pictures,
    finish_work,
    quote_price,
    record_phone_queue,
    resume_work,
    return_job,
    start_work,
    take_repair,
    wait_for_parts,
    wait_for_resident,
)

__all__ = [
    "ComplaintRepair",
    "NewReport",
    "accept_repair",
    "add_picture_to_draft",
    "add_recording_to_draft",
    "add_words",
    "add_work_pictures",
    "answer_quote",
    "answer_report",
    "assign_repair",
    "begin_report",
    "cancel_repair",
    "close_unanswered",
    "confirm_repair",
    "decline_repair",
    "discard_draft",
    "finish_work",
    "keep_stored_picture",
    "quote_price",
    "rate_repair",
    "record_phone_queue",
    "remove_picture_from_draft",
    "remove_recording_from_draft",
    "reopen_repair",
    "resume_work",
    "return_job",
    "send_report",
    "start_work",
    "take_repair",
    "turn_into_repair",
    "wait_for_parts",
    "wait_for_resident",
]
