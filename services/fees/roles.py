"""Sets of roles for fees; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Work with the money of an estate, or look after it.
COUNTING = (Role.CASHIER, Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)
# Take money, pay it back, and make bills.
CASHIERS = (Role.CASHIER, Role.MANAGER)
