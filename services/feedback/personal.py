"""Personal data in the rows of feedback."""

from community.core.services import Personal

PERSONAL = (
    Personal("feedback.feedback", about=("resident",), by=("reported_by",)),
    Personal("feedback.feedbackchange", about=("feedback__resident",), by=("actor", "on_behalf_of")),
    Personal("feedback.feedbackmessage", about=("feedback__resident",), by=("author", "on_behalf_of")),
    Personal("feedback.feedbackpicture", about=("feedback__resident",), by=("added_by",)),
    Personal("feedback.feedbackrecording", about=("feedback__resident",), by=("added_by",)),
)
