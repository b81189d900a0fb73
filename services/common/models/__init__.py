from services.common.models.alarms import Alarm
from services.common.models.early_files import EarlyFile
from services.common.models.requests import (
    Message,
    Picture,
    Recording,
    Referable,
    ReferenceCounter,
    Request,
    RequestRef,
)
from services.common.models.response import ResponseClock, ResponseTime
from services.common.models.satisfaction import Satisfaction, SatisfactionQuestion, SatisfactionRecording
from services.common.models.submissions import WorkSubmission

__all__ = [
    "Alarm",
    "EarlyFile",
    "Message",
    "Picture",
    "Recording",
    "Referable",
    "ReferenceCounter",
    "Request",
    "RequestRef",
    "ResponseClock",
    "ResponseTime",
    "Satisfaction",
    "SatisfactionQuestion",
    "SatisfactionRecording",
    "WorkSubmission",
]
