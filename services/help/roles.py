"""Who may, as sets of roles: calls for help. Querysets and policies read them."""

from accounts.models import StaffRole

Role = StaffRole.Role

# See every call of the estate.
OVERSEEING = (Role.MANAGER, Role.DISPATCHER, Role.FRONT_DESK, Role.AUDITOR)
