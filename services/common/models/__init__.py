from services.common.models.alarms import Alarm
from services.common.models.requests import Message, Picture, Recording, ReferenceCounter, Request
from services.common.models.response import ResponseClock, ResponseTime, Service
from services.common.models.satisfaction import Satisfaction, SatisfactionQuestion
from services.common.models.submissions import WorkSubmission

__all__ = [
    "Alarm",
    "Message",
    "Picture",
    "Recording",
    "ReferenceCounter",
    "Request",
    "ResponseClock",
    "ResponseTime",
    "Satisfaction",
    "SatisfactionQuestion",
    "Service",
    "WorkSubmission",
]
