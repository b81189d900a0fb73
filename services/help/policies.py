"""Permissions on calls for help, for pages, API and actions."""

from datetime import datetime

from accounts.models import StaffRole, User, access_of
from accounts.policies import Role, has_role, is_desk_for
from community.core.errors import Forbidden
from services.common.roles import ANSWERING
from services.help.duty_roster import estates_on_duty
from services.help.models import HelpCall

S = HelpCall.Status


def may_call_for(actor: User, resident: User, *, estate_id: int) -> bool:
    """Whether ``actor`` may call for this resident: themselves, a delegate for any service, or the desk of
    their home.
    """
    if actor.pk == resident.pk:
        return True
    if resident.pk in access_of(actor).acts_for_in_any():
        return True
    return has_role(actor, estate_id, *StaffRole.DESK) and is_desk_for(actor, resident)


def may_name(actor: User, resident: User) -> bool:
    """Whether ``actor`` may call for this person in any estate, and so may learn that the account exists."""
    if resident.pk in access_of(actor).acts_for_in_any():
        return True
    return is_desk_for(actor, resident)


def may_answer(user: User, call: HelpCall, now: datetime) -> bool:
    """Whether the user may answer the call: the desk, people on duty now, people notified of it, and its
    responder.
    """
    roles = access_of(user).roles_in(call.estate_id)
    if not roles:
        return False
    if roles & set(ANSWERING) or call.responder_id == user.pk:
        return True
    return call.steps.filter(told=user).exists() or call.estate_id in estates_on_duty(user, now)


def allowed_verbs(user: User, call: HelpCall, now: datetime) -> set[str]:
    """Returns the verbs that this person may take on the call in its present status."""
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
    """Raises ``Forbidden`` unless the user may answer the call."""
    if not may_answer(user, call, now):
        raise Forbidden


def may_edit_roster(user: User, estate_id: int) -> bool:
    """Whether the user may edit the roster and start drills: only managers."""
    return has_role(user, estate_id, Role.MANAGER)


def must_edit_roster(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` unless the user may edit the roster of this estate."""
    if not may_edit_roster(user, estate_id):
        raise Forbidden
