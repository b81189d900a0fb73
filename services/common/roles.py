"""Sets of roles shared by all services; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that answer alarms and calls for help.
ANSWERING = (Role.DISPATCHER, Role.FRONT_DESK, Role.MANAGER)
