from services.care.models.bookings import CareBooking, CareBookingChange
from services.care.models.catalogue import CareService, Provider
from services.care.models.drafts import CareDraft
from services.care.models.people import Carer
from services.care.models.pictures import CarerPicture, Menu, MenuPicture
from services.care.models.spoken import CareRecording

__all__ = [
    "CareBooking",
    "CareBookingChange",
    "CareDraft",
    "CareRecording",
    "CareService",
    "Carer",
    "CarerPicture",
    "Menu",
    "MenuPicture",
    "Provider",
]
