"""Throwing away a report that was begun and not sent."""

from functools import partial

from django.db import transaction

from community.core import pictures, recordings
from services.repairs.models import RepairDraft


def discard_draft(draft: RepairDraft) -> None:
    """The draft, and its files once that is committed."""
    for picture in draft.pictures.filter(repair=None):
        transaction.on_commit(partial(pictures.discard, picture.key))
        picture.delete()
    for recording in draft.recordings.filter(repair=None):
        transaction.on_commit(partial(recordings.discard, recording.name))
        recording.delete()
    draft.delete()
