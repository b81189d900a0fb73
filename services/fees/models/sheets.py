"""Checked sheets of readings that wait for a yes."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from community.estates.models import Estate


class ReadingSheet(models.Model):
    """The rows of an uploaded sheet of readings between its check and its import; a day later it is deleted.

    ``rows`` are ``[key of the meter, day, value in 0.001]``; empty when a row is wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=100, blank=True)
    rows = models.JSONField(default=list)
    # Lines of the sheet that are wrong, with the reason, and those that are odd: ``[line, words]``.
    wrong = models.JSONField(default=list)
    odd = models.JSONField(default=list)
    # How many lines are wrong; ``wrong`` has the first ones.
    wrong_count = models.PositiveIntegerField(default=0)
    odd_count = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
