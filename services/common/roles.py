"""Sets of roles for what all services share; read by querysets and policies."""

from accounts.models import StaffRole

Role = StaffRole.Role

# Answer what cannot wait: an alarm, a call for help.
ANSWERING = (Role.DISPATCHER, Role.FRONT_DESK, Role.MANAGER)
# See the alarms; an auditor hears no sound.
WATCHING = (*ANSWERING, Role.AUDITOR)
