"""Sets of roles for fees; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Roles that may see the money of an estate.
FEES_STAFF = (Role.CASHIER, Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)
# Roles that read the ratings of payments.
READS_RATINGS = (Role.MANAGER, Role.FRONT_DESK, Role.AUDITOR)
# Roles that see the shifts of all cashiers; a cashier sees their own.
SEES_ALL_SHIFTS = (Role.MANAGER, Role.AUDITOR)
# Roles that may take money, refund it, and make bills.
CASHIERS = (Role.CASHIER, Role.MANAGER)
# Roles that speak with residents about their bills.
DESK = (*CASHIERS, Role.FRONT_DESK)
# Roles that read meters on a round.
METER_READERS = (Role.CASHIER, Role.MANAGER, Role.FRONT_DESK, Role.REPAIR_WORKER)
# Roles that may see meters and their readings.
METER_STAFF = (*METER_READERS, Role.AUDITOR)
