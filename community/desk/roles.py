"""Sets of roles for the figures; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Read the figures of an estate.
READING = (Role.MANAGER, Role.AUDITOR)
