"""All writes of the feedback service: pages, API, admin, tasks and commands call these.

``by=None`` is an anonymous writer, whose code the caller has checked.
"""

from services.feedback.actions.answers import (
    add_internal_note,
    answer_feedback,
    ask_solved,
    ask_writer,
    hand_over,
    link_repair,
)
from services.feedback.actions.feedback import (
    send_anonymous,
    send_named,
    store_loose_pictures,
    voice_without_name_error,
)
from services.feedback.actions.resident import (
    add_words,
    close_unanswered,
    confirm_solved,
    follow_up,
    notify_managers_of_anonymous,
    rate_feedback,
    say_not_solved,
    withdraw_feedback,
)

__all__ = [
    "add_internal_note",
    "add_words",
    "answer_feedback",
    "ask_solved",
    "ask_writer",
    "close_unanswered",
    "confirm_solved",
    "follow_up",
    "hand_over",
    "link_repair",
    "notify_managers_of_anonymous",
    "rate_feedback",
    "say_not_solved",
    "send_anonymous",
    "send_named",
    "store_loose_pictures",
    "voice_without_name_error",
    "withdraw_feedback",
]
