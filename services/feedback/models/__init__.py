from services.feedback.models.answers import StandardAnswer
from services.feedback.models.feedback import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
    LoosePicture,
)

__all__ = [
    "Feedback",
    "FeedbackChange",
    "FeedbackMessage",
    "FeedbackPicture",
    "LoosePicture",
    "StandardAnswer",
]
