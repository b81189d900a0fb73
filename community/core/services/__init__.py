"""The services of the estate, as each declares itself in its ``service.py``.

Pages that show all services (home, back office, morning page), sign-in rights, background work and
messages read this register and name no service.
"""

from community.core.services.declaration import Service
from community.core.services.register import (
    declared,
    find,
    is_on,
    nav_entries,
    register,
    register_nav,
)

__all__ = ["Service", "declared", "find", "is_on", "nav_entries", "register", "register_nav"]
