from django.conf import settings
from django.db import models

from community.estates.models import Estate
from services.common.models.requests import RequestRef


class WorkSubmission(models.Model):
    """An entry sent by the phone of a worker, carer or crew. ``key`` is chosen by the phone.

    The phone repeats an entry if it gets no answer; the key makes it count once.
    """

    key = models.UUIDField(primary_key=True)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    service = models.CharField(max_length=20)
    reference = models.CharField(max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.key)

    @property
    def job(self) -> RequestRef:
        """Repair or appointment of the entry."""
        return RequestRef(self.estate_id, self.service, self.reference)
