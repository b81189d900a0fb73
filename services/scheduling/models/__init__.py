from services.scheduling.models.hours import Closure, Resource, WeeklyHours
from services.scheduling.models.places import Place, PlaceChange, Slot, Waiting, WaitingChange

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
