"""Sets of roles for care; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that see every booking of the estate.
OVERSEEING = (Role.MANAGER, Role.CARE_COORDINATOR, Role.FRONT_DESK, Role.AUDITOR)
# Roles that arrange visits.
COORDINATING = (Role.CARE_COORDINATOR, Role.MANAGER)
# Roles that may do in care what a resident can, and print the codes of homes.
HELPING = (Role.CARE_COORDINATOR, *StaffRole.DESK)
