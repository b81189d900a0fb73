from accounts.models.access import Access, access_of, any_of, found_once, made_since
from accounts.models.approvals import Approval, ApprovalChange
from accounts.models.consents import (
    DelegationRequest,
    DelegationRequestChange,
    FamilyInvitation,
    FamilyInvitationChange,
)
from accounts.models.erasures import Erasure, ErasureChange
from accounts.models.factors import FactorReset, FactorResetChange
from accounts.models.handed import HandedForm
from accounts.models.oversight import Oversight
from accounts.models.people import FLAGS, Administration, StaffRole, User, national_number
from accounts.models.privacy import Consent
from accounts.models.residents import Checked, Delegation, Residency, ResidencyChange, RosterEntry
from accounts.models.tokens import ApiToken

__all__ = [
    "FLAGS",
    "Access",
    "Administration",
    "ApiToken",
    "Approval",
    "ApprovalChange",
    "Checked",
    "Consent",
    "Delegation",
    "DelegationRequest",
    "DelegationRequestChange",
    "Erasure",
    "ErasureChange",
    "FactorReset",
    "FactorResetChange",
    "FamilyInvitation",
    "FamilyInvitationChange",
    "HandedForm",
    "Oversight",
    "Residency",
    "ResidencyChange",
    "RosterEntry",
    "StaffRole",
    "User",
    "access_of",
    "any_of",
    "found_once",
    "made_since",
    "national_number",
]
