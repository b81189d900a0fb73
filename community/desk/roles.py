"""Who may, as sets of roles: the figures. Querysets and policies read them."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Read the figures of an estate.
READING = (Role.MANAGER, Role.AUDITOR)
