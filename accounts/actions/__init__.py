from accounts.actions.claims import claim_for_roster, claim_roster_homes
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
from accounts.actions.lines import AlreadyListed, LineWords, add_line, correct_line, rewrite_line
from accounts.actions.moves import NewOwner, change_owner, move_out, strike_off
from accounts.actions.numbers import NumberTaken, change_line_number, change_number
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
from accounts.actions.residencies import (
    AlreadyThere,
    add_residency_at_desk,
    add_residency_at_door,
    approve_residency,
    decline_residency,
    request_residency,
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
    "LineWords",
    "NewOwner",
    "NumberTaken",
    "accept_delegations",
    "add_line",
    "add_residency_at_desk",
    "add_residency_at_door",
    "agree_by_code",
    "agree_to_request",
    "approve_residency",
    "change_line_number",
    "change_number",
    "change_owner",
    "choose_password",
    "claim_for_roster",
    "claim_roster_homes",
    "confirm_paper",
    "correct_line",
    "decline_residency",
    "drop_request",
    "end_account",
    "end_delegations",
    "end_role",
    "forget_expired_sessions",
    "forget_unverified_people",
    "give_delegation",
    "give_role",
    "hand_over",
    "make_account",
    "make_token",
    "move_out",
    "must_be_own_path",
    "people_with_phones",
    "person_with_phone",
    "propose_delegation",
    "rename",
    "renew_access",
    "request_residency",
    "revoke_token",
    "rewrite_line",
    "set_language",
    "set_mode",
    "set_mode_for",
    "strike_off",
    "verify_phone",
]
