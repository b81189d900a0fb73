from services.repairs.models.attachments import (
    PhoneQueue,
    RepairMessage,
    RepairPicture,
    RepairRecording,
)
from services.repairs.models.catalogue import RepairCategory
from services.repairs.models.drafts import RepairDraft
from services.repairs.models.repairs import Repair, RepairChange

__all__ = [
    "PhoneQueue",
    "Repair",
    "RepairCategory",
    "RepairChange",
    "RepairDraft",
    "RepairMessage",
    "RepairPicture",
    "RepairRecording",
]
