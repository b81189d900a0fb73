"""Every write of the feedback service. Pages, API, admin, tasks and commands call these.

``by=None`` is a writer without a name, whose code the caller has checked.
"""

from services.feedback.actions.answering import (
    add_internal_note,
    answer_feedback,
    ask_solved,
    ask_writer,
    hand_over,
    link_repair,
)
from services.feedback.actions.following import (
    add_words,
    close_unanswered,
    confirm_solved,
    follow_up,
    rate_feedback,
    say_not_solved,
    tell_of_nameless,
    withdraw_feedback,
)
from services.feedback.actions.writing import (
    keep_loose_pictures,
    send_anonymous,
    send_named,
    throw_away_loose_pictures,
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
    "keep_loose_pictures",
    "link_repair",
    "rate_feedback",
    "say_not_solved",
    "send_anonymous",
    "send_named",
    "tell_of_nameless",
    "throw_away_loose_pictures",
    "withdraw_feedback",
]
