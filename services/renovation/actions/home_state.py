"""The state of a home's work, stored beside its answer so that a building's elevation needs one query."""

from datetime import datetime

from community.estates.models import Home
from services.renovation.models import Appointment, HomeState, Participation, RenovationProject, WorkItem

S = Appointment.Status
FINISHED = {S.DONE, S.CONFIRMED}


def state_of(statuses: list[str], *, items: int) -> str:
    """Returns the state of a home from the statuses of its live appointments.

    ``items`` is the number of work items in homes. The state that needs most attention comes first; a home is
    done only when all of its work is.
    """
    if S.DEFECTS in statuses:
        return HomeState.DEFECTS
    if S.UNDER_WAY in statuses:
        return HomeState.IN_WORK
    if S.BOOKED in statuses:
        return HomeState.BOOKED
    done = sum(status in FINISHED for status in statuses)
    if done and done >= items:
        return HomeState.DONE
    return HomeState.IN_WORK if done else HomeState.WAITING


def lock_home(project: RenovationProject, home: Home) -> Participation:
    """Returns the home's row, locked until the transaction ends; creates it if there is none.

    It is locked last, after every place, by bookings and by refusals: the second of two requests sees what
    the first has written, and no deadlock is possible.
    """
    row, _is_new = Participation.objects.select_for_update().get_or_create(project=project, home=home)
    return row


def refresh_home(project: RenovationProject, home: Home, *, now: datetime) -> Participation:
    """Stores the state that follows from the home's appointments. Call it in their transaction, after the
    places.

    The row is locked before the appointments are read: if two crews finish at once, the second request counts
    both.
    """
    row = lock_home(project, home)
    live = Appointment.objects.live().filter(project=project, home=home)
    items = project.items.filter(where=WorkItem.Where.HOMES).count()
    state = state_of(list(live.values_list("status", flat=True)), items=items)
    if state != row.state:
        Participation.objects.filter(pk=row.pk).update(state=state, state_changed_at=now)
        row.state, row.state_changed_at = state, now
    return row
