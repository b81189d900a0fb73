from accounts.actions.consents import (
    agree_by_code,
    agree_to_request,
    confirm_paper,
    drop_request,
    propose_delegation,
)
from accounts.actions.delegations import (
    accept_delegations,
    end_delegations,
    give_delegation,
    hand_over,
    must_be_own_path,
)
from accounts.actions.people import (
    forget_unverified_people,
    person_with_phone,
    rename,
    set_language,
    set_mode,
    set_mode_for,
    verify_phone,
)
from accounts.actions.residencies import (
    AlreadyThere,
    add_residency_at_desk,
    add_residency_at_door,
    approve_residency,
    claim_for_roster,
    claim_roster_homes,
    decline_residency,
    end_residency,
    request_residency,
)
from accounts.actions.sessions import forget_expired_sessions
from accounts.actions.tokens import make_token, revoke_token

__all__ = [
    "AlreadyThere",
    "accept_delegations",
    "add_residency_at_desk",
    "add_residency_at_door",
    "agree_by_code",
    "agree_to_request",
    "approve_residency",
    "claim_for_roster",
    "claim_roster_homes",
    "confirm_paper",
    "decline_residency",
    "drop_request",
    "end_delegations",
    "end_residency",
    "forget_expired_sessions",
    "forget_unverified_people",
    "give_delegation",
    "hand_over",
    "make_token",
    "must_be_own_path",
    "person_with_phone",
    "propose_delegation",
    "rename",
    "request_residency",
    "revoke_token",
    "set_language",
    "set_mode",
    "set_mode_for",
    "verify_phone",
]
