"""Sets of roles for repairs; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that see every repair of the estate.
OVERSEEING = (Role.MANAGER, Role.DISPATCHER, Role.FRONT_DESK, Role.AUDITOR)
# Roles that accept, assign and decline.
DISPATCHING = (Role.DISPATCHER, Role.MANAGER)
