from services.scheduling.models.hours import Closure, Resource, WeeklyHours
from services.scheduling.models.places import Place, PlaceChange, Slot, SlotQuerySet, Waiting, WaitingChange

__all__ = [
    "Closure",
    "Place",
    "PlaceChange",
    "Resource",
    "Slot",
    "SlotQuerySet",
    "Waiting",
    "WaitingChange",
    "WeeklyHours",
]
