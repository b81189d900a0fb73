"""Sets of roles for feedback; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that see all feedback of the estate.
OVERSEEING = (Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)
# Departments to which feedback can be handed over.
DEPARTMENTS = (
    Role.FRONT_DESK,
    Role.MANAGER,
    Role.DISPATCHER,
    Role.CASHIER,
    Role.CARE_COORDINATOR,
    Role.RENOVATION_COORDINATOR,
)
# Roles that may open the pages for staff.
WORKING = tuple({*DEPARTMENTS, *OVERSEEING})
