"""Sets of roles for calls for help; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that see every call of the estate.
OVERSEEING = (Role.MANAGER, Role.DISPATCHER, Role.FRONT_DESK, Role.AUDITOR)
