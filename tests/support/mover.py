"""Process that dies in the middle of a move: ``python -m tests.support.mover APPOINTMENT SLOT``."""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def main(appointment: int, slot: int) -> None:
    """Dies after taking the new place and freeing the old one, before messages and the commit."""
    from community.core import clock
    from services.renovation import actions
    from services.renovation.actions import appointments
    from services.renovation.models import Appointment
    from services.scheduling.models import Slot

    take = appointments._take_place

    def take_and_die(*given: Any, **named: Any) -> None:
        take(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    appointments._take_place = take_and_die
    found = Appointment.objects.with_people().get(pk=appointment)
    to = Slot.objects.get(pk=slot)
    actions.move_appointment(appointment=found, to=to, by=found.resident, now=clock.now())


if __name__ == "__main__":
    django.setup()
    main(*map(int, sys.argv[1:]))
