"""Sets of roles for renovation; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Plan projects and book for everybody.
COORDINATING = (Role.RENOVATION_COORDINATOR, Role.MANAGER)
# See everything of a project.
READING = (*COORDINATING, Role.FRONT_DESK, Role.AUDITOR)
# Speak for a household that phoned, came to the desk, or opened the door.
STANDING_IN = (Role.FRONT_DESK, *COORDINATING)
