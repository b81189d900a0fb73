"""Throwing away a report that was begun and not sent."""

from community.core import pictures, recordings
from services.repairs.models import RepairDraft


def discard_draft(draft: RepairDraft) -> None:
    """The draft with its files."""
    for picture in draft.pictures.filter(repair=None):
        pictures.discard(picture.key)
        picture.delete()
    for recording in draft.recordings.filter(repair=None):
        recordings.discard(recording.name)
        recording.delete()
    draft.delete()
