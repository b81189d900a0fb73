"""Sets of roles for notices; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Write and publish notices.
WRITING = StaffRole.DESK
# See all notices, and which homes have read them.
OVERSEEING = (*WRITING, Role.AUDITOR)
