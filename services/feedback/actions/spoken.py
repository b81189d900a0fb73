"""Spoken messages of a thread: of writers with a name alone, since a voice says who one is."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.recordings import Spoken, StoredRecording
from services.feedback.actions.feedback import voice_without_name_error
from services.feedback.models import Feedback, FeedbackMessage, FeedbackRecording

# Spoken messages of one thread.
MAX_RECORDINGS = 6


def check_spoken(feedback: Feedback, spoken: Spoken | None, by: User | None) -> None:
    """Raises ``ActionError`` for the voice of an anonymous writer, and for too many spoken messages."""
    if spoken is None:
        return
    if by is None or feedback.is_anonymous:
        raise voice_without_name_error()
    if feedback.recordings.count() >= MAX_RECORDINGS:
        enough = _("%(most)s spoken messages are enough.") % {"most": MAX_RECORDINGS}
        raise ActionError("too_many_recordings", enough, field="recording")


def keep_spoken(message: FeedbackMessage, stored: StoredRecording | None) -> None:
    """Stores the recording of a message, if there is one; call it in the message's transaction."""
    if stored and message.author:
        FeedbackRecording.objects.create(
            feedback=message.feedback,
            message=message,
            added_by=message.author,
            at=message.at,
            **stored.take(),
        )
