from accounts.actions.claims import claim_for_roster, claim_roster_homes
from accounts.actions.consents import (
    ProposedDelegation,
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
    must_be_local_path,
)
from accounts.actions.moves import NewOwner, change_owner, end_roster_entry, move_out
from accounts.actions.people import (
    forget_unverified_people,
    people_with_phones,
    person_with_phone,
    rename,
    set_language,
    set_mode,
    set_mode_for,
    verify_phone,
)
from accounts.actions.phone_numbers import NumberTaken, change_number, change_roster_number
from accounts.actions.residencies import (
    AlreadyThere,
    add_residency_at_desk,
    add_residency_at_door,
    approve_residency,
    decline_residency,
    request_residency,
)
from accounts.actions.roster_entries import (
    AlreadyListed,
    RosterDetails,
    add_roster_entry,
    correct_roster_entry,
    replace_roster_entry,
)
from accounts.actions.sessions import forget_expired_sessions
from accounts.actions.staff import (
    choose_password,
    end_account,
    end_role,
    give_role,
    make_account,
    renew_access,
)
from accounts.actions.tokens import make_token, revoke_token

__all__ = [
    "AlreadyListed",
    "AlreadyThere",
    "NewOwner",
    "NumberTaken",
    "ProposedDelegation",
    "RosterDetails",
    "accept_delegations",
    "add_residency_at_desk",
    "add_residency_at_door",
    "add_roster_entry",
    "agree_by_code",
    "agree_to_request",
    "approve_residency",
    "change_number",
    "change_owner",
    "change_roster_number",
    "choose_password",
    "claim_for_roster",
    "claim_roster_homes",
    "confirm_paper",
    "correct_roster_entry",
    "decline_residency",
    "drop_request",
    "end_account",
    "end_delegations",
    "end_role",
    "end_roster_entry",
    "forget_expired_sessions",
    "forget_unverified_people",
    "give_delegation",
    "give_role",
    "hand_over",
    "make_account",
    "make_token",
    "move_out",
    "must_be_local_path",
    "people_with_phones",
    "person_with_phone",
    "propose_delegation",
    "rename",
    "renew_access",
    "replace_roster_entry",
    "request_residency",
    "revoke_token",
    "set_language",
    "set_mode",
    "set_mode_for",
    "verify_phone",
]
