from services.common.models.alarms import Alarm
from services.common.models.requests import Message, Picture, Recording, ReferenceCounter, Request
from services.common.models.satisfaction import Satisfaction

__all__ = ["Alarm", "Message", "Picture", "Recording", "ReferenceCounter", "Request", "Satisfaction"]
