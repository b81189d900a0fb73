"""Sets of roles for repairs; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# See every repair of the estate.
OVERSEEING = (Role.MANAGER, Role.DISPATCHER, Role.FRONT_DESK, Role.AUDITOR)
# Accept, assign and decline.
DISPATCHING = (Role.DISPATCHER, Role.MANAGER)
