"""Sets of roles for feedback; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# See everything that was written to the estate.
OVERSEEING = (Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)
# Those to whom it can be handed.
DEPARTMENTS = (
    Role.FRONT_DESK,
    Role.MANAGER,
    Role.DISPATCHER,
    Role.CASHIER,
    Role.CARE_COORDINATOR,
    Role.RENOVATION_COORDINATOR,
)
# Open the pages of those who answer.
WORKING = tuple({*DEPARTMENTS, *OVERSEEING})
