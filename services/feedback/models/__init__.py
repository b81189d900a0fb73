from services.feedback.models.answers import StandardAnswer
from services.feedback.models.feedback import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
    FeedbackRecording,
)

__all__ = [
    "Feedback",
    "FeedbackChange",
    "FeedbackMessage",
    "FeedbackPicture",
    "FeedbackRecording",
    "StandardAnswer",
]
