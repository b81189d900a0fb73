"""Sets of roles for renovation; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that plan projects and book for households.
COORDINATING = (Role.RENOVATION_COORDINATOR, Role.MANAGER)
# Roles that see everything of a project.
OVERSEEING = (*COORDINATING, Role.FRONT_DESK, Role.AUDITOR)
# Roles that act for a household that phoned, came to the desk, or opened the door.
HELPING = (Role.FRONT_DESK, *COORDINATING)
