"""Permissions on repairs: one table of verbs for pages, API, admin and actions."""

from accounts.models import Residency, User, access_of
from accounts.policies import Role, may_act_for, may_name
from community.core.errors import Forbidden
from services.common.verbs import Verb, VerbTable
from services.repairs import KEY
from services.repairs.models import Repair

S = Repair.Status

# Capacities in which people take verbs. The resident's side are the resident, their delegates for repairs and
# the desk, which helps them.
RESIDENT_SIDE, DISPATCHER, WORKER, ANY_WORKER = "resident_side", "dispatcher", "worker", "any worker"
AT_WORK = frozenset({DISPATCHER, WORKER})


VERBS = VerbTable(
    {
        "cancel_repair": Verb.of(
            RESIDENT_SIDE,
            S.NEW,
            S.ACCEPTED,
            S.ASSIGNED,
            S.REOPENED,
            S.WAITING_FOR_PARTS,
            S.WAITING_FOR_RESIDENT,
        ),
        "answer_quote": Verb.of(RESIDENT_SIDE, S.QUOTED),
        "confirm_repair": Verb.of(RESIDENT_SIDE, S.DONE),
        "reopen_repair": Verb.of(RESIDENT_SIDE, S.DONE),
        "rate_repair": Verb.of(RESIDENT_SIDE, S.CLOSED, S.CONFIRMED),
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
    """Whether ``user`` may report for this resident: themselves, a delegate for repairs, or the desk of the
    estate.
    """
    return may_act_for(user, resident, KEY, estate_id=estate_id)


def may_name_resident(user: User, resident: User) -> bool:
    """Whether ``user`` may report for this person in any estate, and so may learn that the account exists."""
    return may_name(user, resident, KEY)


def capacities(user: User, repair: Repair) -> set[str]:
    """Returns the capacities of this person for the repair, out of the four of the table.

    At most three queries.
    """
    roles = access_of(user).roles_in(repair.estate_id)
    held: set[str] = set()
    if roles & {Role.DISPATCHER, Role.MANAGER}:
        held.add(DISPATCHER)
    if Role.REPAIR_WORKER in roles:
        held |= {ANY_WORKER, WORKER} if repair.worker_id == user.pk else {ANY_WORKER}
    if _acts_for_resident(user, repair, roles):
        held.add(RESIDENT_SIDE)
    return held


def works_on(user: User, repair: Repair) -> bool:
    """Whether the person is a dispatcher or the worker of the repair: they see the number and internal notes."""
    return bool(capacities(user, repair) & AT_WORK)


def _acts_for_resident(user: User, repair: Repair, roles: set[str]) -> bool:
    """Whether the person is the resident, a delegate for repairs, or the desk of the estate.

    A resident who has left the home no longer is, nor are their delegates.
    """
    if roles & {Role.FRONT_DESK, Role.MANAGER}:
        return True
    if repair.resident_id not in access_of(user).people(KEY):
        return False
    return not resident_has_left(repair)


def resident_has_left(repair: Repair) -> bool:
    """Whether the resident has moved out of the home since they reported the repair. At most one query."""
    if repair.home_id is None:
        return False
    mine = Residency.objects.filter(user=repair.resident_id, home=repair.home_id)
    stays = mine.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.ENDED])
    rows = stays.values_list("status", "status_changed_at")
    is_there = any(status == Residency.Status.ACTIVE for status, _at in rows)
    return not is_there and any(at >= repair.created_at for _status, at in rows)


def allowed_verbs(user: User, repair: Repair) -> set[str]:
    """Returns the verbs that this person may take on the repair in its present status.

    Besides the verbs of the table: ``add_words`` and ``add_internal_note``.
    """
    held = capacities(user, repair)
    verbs = VERBS.allowed(held, repair.status)
    if user.pk == repair.worker_id and user.pk != repair.resident_id:
        verbs = {name for name in verbs if not VERBS[name].is_for(RESIDENT_SIDE)}
    if repair.satisfaction_id:
        verbs.discard("rate_repair")
    if repair.home_id is None:
        # The estate pays for what is shared.
        verbs.discard("quote_price")
    if repair.status not in Repair.FINISHED and (held or _lives_there(user, repair)):
        verbs.add("add_words")
    if held & {DISPATCHER, WORKER}:
        verbs.add("add_internal_note")
    return verbs


def _lives_there(user: User, repair: Repair) -> bool:
    """Whether the person lives in the home: they may add words; a mere reader (an auditor) may not."""
    return repair.home_id is not None and repair.home_id in access_of(user).homes()


def require(verb: str, user: User, repair: Repair) -> None:
    """Raises ``Forbidden`` if this person may not take the verb in any status.

    The worker never answers for the resident, neither to the price nor about the result.
    """
    VERBS.require(verb, capacities(user, repair))
    if VERBS[verb].is_for(RESIDENT_SIDE) and user.pk == repair.worker_id and user.pk != repair.resident_id:
        raise Forbidden
