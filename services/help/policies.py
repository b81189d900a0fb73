"""Who may do what with a call for help: read by pages, API and actions alike."""

from datetime import datetime

from accounts.models import StaffRole, User
from accounts.policies import Role, has_role, is_desk_for
from community.core.errors import Forbidden
from services.common.roles import ANSWERING
from services.help.duty import estates_on_duty
from services.help.models import HelpCall
from services.help.models.calls import residents_called_for

S = HelpCall.Status


def may_call_for(actor: User, resident: User, *, estate_id: int) -> bool:
    """Oneself; whoever has any delegation of the resident; the desk for one who phoned."""
    if actor.pk == resident.pk:
        return True
    if residents_called_for(actor).filter(pk=resident.pk).exists():
        return True
    return has_role(actor, estate_id, *StaffRole.DESK) and is_desk_for(actor, resident)


def may_name(actor: User, resident: User) -> bool:
    """Whether ``actor`` may call for this person in some estate, and so learns that they are there."""
    if residents_called_for(actor).filter(pk=resident.pk).exists():
        return True
    return is_desk_for(actor, resident)


def may_answer(user: User, call: HelpCall, now: datetime) -> bool:
    """The desk, who is on duty now, who was told of it, and who goes already."""
    roles = set(
        StaffRole.objects.held_by(user).filter(estate_id=call.estate_id).values_list("role", flat=True)
    )
    if not roles:
        return False
    if roles & set(ANSWERING) or call.responder_id == user.pk:
        return True
    return call.steps.filter(told=user).exists() or call.estate_id in estates_on_duty(user, now)


def allowed_verbs(user: User, call: HelpCall, now: datetime) -> set[str]:
    """The actions that this person can take on this call as it stands now."""
    verbs: set[str] = set()
    if call.may_be_taken_back(now) and may_call_for(user, call.resident, estate_id=call.estate_id):
        verbs.add("cancel_call")
    if call.may_be_called_again(now) and may_call_for(user, call.resident, estate_id=call.estate_id):
        verbs.add("call_again")
    if may_answer(user, call, now):
        verbs |= {
            S.CALLING: {"take_call"},
            S.COMING: {"send_other", "end_call"},
            S.CANCELLED: {"end_call"},
        }.get(S(call.status), set())
    return verbs


def must_answer(user: User, call: HelpCall, now: datetime) -> None:
    """Raises ``Forbidden`` for whoever has nothing to do with answering this call."""
    if not may_answer(user, call, now):
        raise Forbidden


def may_keep_roster(user: User, estate_id: int) -> bool:
    """The roster and the drills are the manager's."""
    return has_role(user, estate_id, Role.MANAGER)


def must_keep_roster(user: User, estate_id: int) -> None:
    if not may_keep_roster(user, estate_id):
        raise Forbidden
