"""The state of a home's works, kept beside its answer so that a building's elevation is one query."""

from datetime import datetime

from community.estates.models import Home
from services.renovation.models import Appointment, HomeState, Participation, RenovationProject, WorkItem

S = Appointment.Status
FINISHED = {S.DONE, S.CONFIRMED}


def state_of(statuses: list[str], *, items: int) -> str:
    """From the live appointments of a home, for a project with so many items in homes.

    What needs people most is said first; green is a home only when all of its work is done.
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
    """What the home says, which nobody changes until this transaction ends.

    It is locked last, after every place, by whoever books and by whoever says no: the second of them
    sees what the first has written, and no two wait for each other in a circle.
    """
    row, _is_new = Participation.objects.select_for_update().get_or_create(project=project, home=home)
    return row


def refresh_home(project: RenovationProject, home: Home, *, now: datetime) -> Participation:
    """Write the state that the home's appointments say. Call it in their transaction, after the places.

    The row is locked before they are read: of two crews that finish at once, the second counts both.
    """
    row = lock_home(project, home)
    live = Appointment.objects.live().filter(project=project, home=home)
    items = project.items.filter(where=WorkItem.Where.HOMES).count()
    state = state_of(list(live.values_list("status", flat=True)), items=items)
    if state != row.state:
        Participation.objects.filter(pk=row.pk).update(state=state, state_changed_at=now)
        row.state, row.state_changed_at = state, now
    return row
