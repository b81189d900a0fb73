"""Who may do what with a repair: one table, read by pages, API, admin and actions alike."""

from accounts.models import Delegation, Residency, StaffRole, User
from accounts.policies import Role, homes_of, may_act_for, may_name
from community.core.errors import Forbidden
from services.common.verbs import Verb, VerbTable
from services.repairs import KEY
from services.repairs.models import Repair

S = Repair.Status

# For whom a verb is.
RESIDENT, DISPATCHER, WORKER, ANY_WORKER = "resident", "dispatcher", "worker", "any worker"
AT_WORK = frozenset({DISPATCHER, WORKER})


VERBS = VerbTable(
    {
        "cancel_repair": Verb.of(
            RESIDENT, S.NEW, S.ACCEPTED, S.ASSIGNED, S.REOPENED, S.WAITING_FOR_PARTS, S.WAITING_FOR_RESIDENT
        ),
        "answer_quote": Verb.of(RESIDENT, S.QUOTED),
        "confirm_repair": Verb.of(RESIDENT, S.DONE),
        "reopen_repair": Verb.of(RESIDENT, S.DONE),
        "rate_repair": Verb.of(RESIDENT, S.CLOSED, S.CONFIRMED),
        "accept_repair": Verb.of(DISPATCHER, S.NEW, S.REOPENED),
        "decline_repair": Verb.of(DISPATCHER, S.NEW, S.ACCEPTED, S.ASSIGNED, S.REOPENED),
        "assign_repair": Verb.of(
            DISPATCHER, S.NEW, S.ACCEPTED, S.ASSIGNED, S.REOPENED, S.WAITING_FOR_PARTS, S.WAITING_FOR_RESIDENT
        ),
        "take_repair": Verb.of(ANY_WORKER, *Repair.TAKEABLE),
        "start_work": Verb.of(WORKER, S.ASSIGNED),
        "return_job": Verb.of(WORKER, S.ASSIGNED),
        "wait_for_parts": Verb.of(WORKER, S.IN_WORK),
        "wait_for_resident": Verb.of(WORKER, S.IN_WORK),
        "quote_price": Verb.of(WORKER, S.IN_WORK),
        "resume_work": Verb.of(WORKER, S.WAITING_FOR_PARTS, S.WAITING_FOR_RESIDENT),
        "finish_work": Verb.of(WORKER, S.IN_WORK),
        "add_work_pictures": Verb.of(WORKER, *Repair.IN_HAND, S.DONE),
    }
)


def may_report_for(user: User, resident: User, *, estate_id: int) -> bool:
    """Oneself, a delegate for repairs, and the desk for one who phoned or came."""
    return may_act_for(user, resident, KEY, estate_id=estate_id)


def may_name_resident(user: User, resident: User) -> bool:
    """Whether ``user`` may report for this person in some estate, and so learns that they are there."""
    return may_name(user, resident, KEY)


def capacities(user: User, repair: Repair) -> set[str]:
    """In which of the four ways this person stands to this repair. Two queries."""
    roles = set(
        StaffRole.objects.held_by(user).filter(estate_id=repair.estate_id).values_list("role", flat=True)
    )
    held: set[str] = set()
    if roles & {Role.DISPATCHER, Role.MANAGER}:
        held.add(DISPATCHER)
    if Role.REPAIR_WORKER in roles:
        held |= {ANY_WORKER, WORKER} if repair.worker_id == user.pk else {ANY_WORKER}
    if _stands_for_resident(user, repair, roles):
        held.add(RESIDENT)
    return held


def works_on(user: User, repair: Repair) -> bool:
    """Whether the repair is this person's work: they see the number and the internal notes."""
    return bool(capacities(user, repair) & AT_WORK)


def _stands_for_resident(user: User, repair: Repair, roles: set[str]) -> bool:
    """The resident, a delegate for repairs, or the desk for one who phoned or came."""
    if roles & {Role.FRONT_DESK, Role.MANAGER}:
        return True
    given = Delegation.objects.active().filter(service=KEY)
    is_theirs = user.pk == repair.resident_id
    if not is_theirs and not given.filter(resident_id=repair.resident_id, delegate=user).exists():
        return False
    return not has_been_left(repair)


def has_been_left(repair: Repair) -> bool:
    """Whether the resident has moved out of the home since they reported it. One query, or none."""
    if repair.home_id is None:
        return False
    mine = Residency.objects.filter(user=repair.resident_id, home=repair.home_id)
    stays = mine.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.ENDED])
    rows = stays.values_list("status", "status_changed_at")
    is_there = any(status == Residency.Status.ACTIVE for status, _at in rows)
    return not is_there and any(at >= repair.created_at for _status, at in rows)


def allowed_verbs(user: User, repair: Repair) -> set[str]:
    """The actions that this person can take on this repair as it stands now."""
    held = capacities(user, repair)
    verbs = VERBS.allowed(held, repair.status)
    if user.pk == repair.worker_id and user.pk != repair.resident_id:
        verbs = {name for name in verbs if not VERBS[name].is_for(RESIDENT)}
    if repair.satisfaction_id:
        verbs.discard("rate_repair")
    if repair.status not in Repair.FINISHED and (held or _belongs_to(user, repair)):
        verbs.add("add_words")
    if held & {DISPATCHER, WORKER}:
        verbs.add("add_internal_note")
    return verbs


def _belongs_to(user: User, repair: Repair) -> bool:
    """Who lives there may add words; who only reads (an auditor) may not."""
    return repair.home_id is not None and homes_of(user).filter(pk=repair.home_id).exists()


def require(verb: str, user: User, repair: Repair) -> None:
    """Raises ``Forbidden`` if this is not this person's verb, whatever the state.

    Whoever mends it never answers for the resident: not to a price, not about the work.
    """
    VERBS.require(verb, capacities(user, repair))
    if VERBS[verb].is_for(RESIDENT) and user.pk == repair.worker_id and user.pk != repair.resident_id:
        raise Forbidden
