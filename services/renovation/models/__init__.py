from services.renovation.models.appointments import (
    Appointment,
    AppointmentChange,
    AppointmentWaiting,
    Campaign,
    Crew,
)
from services.renovation.models.homes import HomeState, Participation
from services.renovation.models.noise import NoiseHours
from services.renovation.models.pictures import RenovationPicture, RenovationRecording
from services.renovation.models.projects import (
    ProjectBuilding,
    ProjectChange,
    ProjectQuestion,
    RenovationProject,
    TimetableRow,
    WorkItem,
)

__all__ = [
    "Appointment",
    "AppointmentChange",
    "AppointmentWaiting",
    "Campaign",
    "Crew",
    "HomeState",
    "NoiseHours",
    "Participation",
    "ProjectBuilding",
    "ProjectChange",
    "ProjectQuestion",
    "RenovationPicture",
    "RenovationProject",
    "RenovationRecording",
    "TimetableRow",
    "WorkItem",
]
