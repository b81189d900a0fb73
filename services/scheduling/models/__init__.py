from services.scheduling.models.hours import Closure, Resource, WeeklyHours
from services.scheduling.models.places import Place, PlaceChange
from services.scheduling.models.slots import Slot
from services.scheduling.models.waiting import Waiting, WaitingChange

__all__ = [
    "Closure",
    "Place",
    "PlaceChange",
    "Resource",
    "Slot",
    "Waiting",
    "WaitingChange",
    "WeeklyHours",
]
