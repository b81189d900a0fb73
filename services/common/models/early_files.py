from uuid import uuid4

from django.db import models


class EarlyFile(models.Model):
    """A picture or spoken message sent before its form; no person is stored with it.

    The page names it by a signed token in a hidden field. The action that takes it deletes the row; those of
    pages that were left are deleted with their files. ``name`` is the key of a picture, the file of a recording.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture"
        RECORDING = "recording"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # The single-use key of the page.
    page = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PICTURE)
    name = models.CharField(max_length=80)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    content_type = models.CharField(max_length=40, blank=True)
    seconds = models.PositiveSmallIntegerField(default=0)
    # The full hour: the writer of feedback may still choose no name.
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
