"""Permissions for feedback: one table, read by pages, API, admin and actions alike."""

from accounts.models import StaffRole, User, access_of
from accounts.policies import Role, has_role, homes_of, may_act_for
from community.estates.models import Estate
from services.common.verbs import Verb, VerbTable
from services.feedback import KEY
from services.feedback.models import Feedback

S = Feedback.Status

# Capacities in which a person may take a verb. The resident's side are the writer, their delegates for feedback
# and the desk, for callers and visitors; the household are the writer and their delegates, without staff. An
# anonymous writer has both. A handler is staff who answer.
RESIDENT_SIDE, HOUSEHOLD, HANDLER, DESK = "resident_side", "household", "handler", "desk"


OPEN = tuple(state for state in S.values if state not in Feedback.FINISHED)
VERBS = VerbTable(
    {
        "withdraw_feedback": Verb.of(HOUSEHOLD, S.NEW),
        "add_words": Verb.of(RESIDENT_SIDE, *OPEN),
        "confirm_solved": Verb.of(RESIDENT_SIDE, S.SOLVED_ASKED),
        "say_not_solved": Verb.of(RESIDENT_SIDE, S.SOLVED_ASKED),
        "rate_feedback": Verb.of(RESIDENT_SIDE, S.CLOSED),
        "answer_feedback": Verb.of(HANDLER, *Feedback.BEING_HANDLED),
        "ask_writer": Verb.of(HANDLER, S.NEW, S.IN_HAND, S.REOPENED),
        "ask_solved": Verb.of(HANDLER, *Feedback.BEING_HANDLED),
        "hand_over": Verb.of(HANDLER, *OPEN),
        "add_internal_note": Verb.of(HANDLER, *S.values),
        "turn_into_repair": Verb.of(DESK, *Feedback.BEING_HANDLED),
    }
)


def may_write_for(user: User, resident: User, *, estate_id: int) -> bool:
    """Whether the user may write for the resident: themselves, a delegate for feedback, or the desk of the
    estate.
    """
    return may_act_for(user, resident, KEY, estate_id=estate_id)


def may_write(user: User, resident: User, estate: Estate) -> bool:
    """Whether the user may write in the resident's name about the estate.

    For themselves people who live or work there; for others a delegate of a person who lives there, and the
    desk of the estate.
    """
    lives_there = homes_of(resident).filter(entrance__building__estate=estate).exists()
    if user.pk == resident.pk:
        return lives_there or has_role(user, estate.pk)
    is_desk = has_role(user, estate.pk, *StaffRole.DESK)
    return (lives_there or is_desk) and may_write_for(user, resident, estate_id=estate.pk)


def is_household(user: User, feedback: Feedback) -> bool:
    """Whether the user is the writer or their delegate; staff are not."""
    return feedback.resident_id in access_of(user).people(KEY)


def capacities(user: User | None, feedback: Feedback) -> set[str]:
    """Returns the capacities of the user; None is the anonymous writer, who has shown the code."""
    if user is None:
        return {RESIDENT_SIDE, HOUSEHOLD} if feedback.is_anonymous else set()
    held = {RESIDENT_SIDE, HOUSEHOLD} if is_household(user, feedback) else set()
    roles = access_of(user).roles_in(feedback.estate_id)
    if roles & {*StaffRole.DESK, feedback.department} and roles - {Role.AUDITOR}:
        held.add(HANDLER)
    if roles & set(StaffRole.DESK):
        held.add(DESK)
    # The desk acts for callers and visitors, but not for an anonymous writer.
    if roles & set(StaffRole.DESK) and not feedback.is_anonymous:
        held.add(RESIDENT_SIDE)
    return held


def allowed_verbs(user: User | None, feedback: Feedback) -> set[str]:
    """Returns the verbs that the user may take in the present status."""
    held = capacities(user, feedback)
    verbs = VERBS.allowed(held, feedback.status)
    if feedback.satisfaction_id:
        verbs.discard("rate_feedback")
    if feedback.repair_reference:
        verbs.discard("turn_into_repair")
    return verbs


def require(verb: str, user: User | None, feedback: Feedback) -> None:
    """Raises ``Forbidden`` if the user may never take this verb, whatever the status."""
    VERBS.require(verb, capacities(user, feedback))
