"""All writes of the help service; called by pages, API, tasks and the polling of open pages."""

from services.help.actions.calls import (
    cancel_call,
    end_call,
    raise_call,
    send,
    send_other,
    start_drill,
    take_call,
)
from services.help.actions.duty import (
    NewLeave,
    NewShifts,
    add_leave,
    add_shifts,
    hand_shift_over,
    remove_leave,
    remove_shift,
)
from services.help.actions.escalation import carry_out_due, carry_out_on_poll, push_messages, warn_of_gaps

__all__ = [
    "NewLeave",
    "NewShifts",
    "add_leave",
    "add_shifts",
    "cancel_call",
    "carry_out_due",
    "carry_out_on_poll",
    "end_call",
    "hand_shift_over",
    "push_messages",
    "raise_call",
    "remove_leave",
    "remove_shift",
    "send",
    "send_other",
    "start_drill",
    "take_call",
    "warn_of_gaps",
]
