"""Sets of roles for care; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# See every booking of the estate.
OVERSEEING = (Role.MANAGER, Role.CARE_COORDINATOR, Role.FRONT_DESK, Role.AUDITOR)
# Arrange visits.
COORDINATING = (Role.CARE_COORDINATOR, Role.MANAGER)
# May do for a resident, in care, what the resident can, and print the codes of their homes.
HELPING = (Role.CARE_COORDINATOR, *StaffRole.DESK)
