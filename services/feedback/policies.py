"""Who may do what with feedback: one table, read by pages, API, admin and actions alike."""

from accounts.models import Delegation, StaffRole, User
from accounts.policies import Role, has_role, homes_of, may_act_for
from community.estates.models import Estate
from services.common.verbs import Verb, VerbTable
from services.feedback import KEY
from services.feedback.models import Feedback

S = Feedback.Status

# For whom a verb is: the writer's side, with the desk for who phoned; nobody but the writer's household;
# or those who answer.
WRITER, OWN, HANDLER, DESK = "writer", "own", "handler", "desk"


OPEN = tuple(state for state in S.values if state not in Feedback.FINISHED)
VERBS = VerbTable(
    {
        "withdraw_feedback": Verb.of(OWN, S.NEW),
        "add_words": Verb.of(WRITER, *OPEN),
        "confirm_solved": Verb.of(WRITER, S.SOLVED_ASKED),
        "say_not_solved": Verb.of(WRITER, S.SOLVED_ASKED),
        "rate_feedback": Verb.of(WRITER, S.CLOSED),
        "answer_feedback": Verb.of(HANDLER, *Feedback.BEING_HANDLED),
        "ask_writer": Verb.of(HANDLER, S.NEW, S.IN_HAND, S.REOPENED),
        "ask_solved": Verb.of(HANDLER, *Feedback.BEING_HANDLED),
        "hand_over": Verb.of(HANDLER, *OPEN),
        "add_internal_note": Verb.of(HANDLER, *S.values),
        "turn_into_repair": Verb.of(DESK, *Feedback.BEING_HANDLED),
    }
)


def may_write_for(user: User, resident: User, *, estate_id: int) -> bool:
    """Oneself, a delegate for feedback, and the desk for one who phoned or came."""
    return may_act_for(user, resident, KEY, estate_id=estate_id)


def may_write(user: User, resident: User, estate: Estate) -> bool:
    """In the resident's name: for oneself whoever lives or works there; for another a delegate of
    one who lives there, and the desk of the estate."""
    lives_there = homes_of(resident).filter(entrance__building__estate=estate).exists()
    if user.pk == resident.pk:
        return lives_there or has_role(user, estate.pk)
    is_desk = has_role(user, estate.pk, *StaffRole.DESK)
    return (lives_there or is_desk) and may_write_for(user, resident, estate_id=estate.pk)


def is_household(user: User, feedback: Feedback) -> bool:
    """Whose feedback it is, and their delegates: not staff, who only work with it."""
    if feedback.resident_id is None:
        return False
    given = Delegation.objects.active().filter(service=KEY, delegate=user)
    return user.pk == feedback.resident_id or given.filter(resident=feedback.resident_id).exists()


def capacities(user: User | None, feedback: Feedback) -> set[str]:
    """In which ways this person stands to it; None is the writer without a name, who has shown the code."""
    if user is None:
        return {WRITER, OWN} if feedback.is_anonymous else set()
    held = {WRITER, OWN} if is_household(user, feedback) else set()
    roles = set(
        StaffRole.objects.held_by(user).filter(estate_id=feedback.estate_id).values_list("role", flat=True)
    )
    if roles & {*StaffRole.DESK, feedback.department} and roles - {Role.AUDITOR}:
        held.add(HANDLER)
    if roles & set(StaffRole.DESK):
        held.add(DESK)
    # For who phoned or came. Nobody speaks for a writer whom nobody knows.
    if roles & set(StaffRole.DESK) and not feedback.is_anonymous:
        held.add(WRITER)
    return held


def allowed_verbs(user: User | None, feedback: Feedback) -> set[str]:
    """The actions that this person can take on it as it stands now."""
    held = capacities(user, feedback)
    verbs = VERBS.allowed(held, feedback.status)
    if feedback.satisfaction_id:
        verbs.discard("rate_feedback")
    if feedback.repair_reference:
        verbs.discard("turn_into_repair")
    return verbs


def require(verb: str, user: User | None, feedback: Feedback) -> None:
    """Raises ``Forbidden`` if this is not this person's verb, whatever the state."""
    VERBS.require(verb, capacities(user, feedback))
