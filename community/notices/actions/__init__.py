"""Writes of notices, by staff and by readers."""

from community.notices.actions.batches import notices_to_resume, notify_next_batch
from community.notices.actions.drafts import (
    LONGEST_SENT,
    Audience,
    Words,
    correct_notice,
    draft_notice,
    edit_notice,
)
from community.notices.actions.publication import (
    Reach,
    discard_notice,
    publish_due,
    publish_notice,
    reach_of,
    schedule_notice,
    tell_of_ended,
    unschedule_notice,
    withdraw_notice,
)
from community.notices.actions.readings import forget_door, read_notice, tell_at_door
from community.notices.actions.roster_sms import may_send_to_roster, roster_numbers, send_to_roster

__all__ = [
    "LONGEST_SENT",
    "Audience",
    "Reach",
    "Words",
    "correct_notice",
    "discard_notice",
    "draft_notice",
    "edit_notice",
    "forget_door",
    "may_send_to_roster",
    "notices_to_resume",
    "notify_next_batch",
    "publish_due",
    "publish_notice",
    "reach_of",
    "read_notice",
    "roster_numbers",
    "schedule_notice",
    "send_to_roster",
    "tell_at_door",
    "tell_of_ended",
    "unschedule_notice",
    "withdraw_notice",
]
