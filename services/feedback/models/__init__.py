from services.feedback.models.answers import StandardAnswer
from services.feedback.models.feedback import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
)

__all__ = [
    "Feedback",
    "FeedbackChange",
    "FeedbackMessage",
    "FeedbackPicture",
    "StandardAnswer",
]
