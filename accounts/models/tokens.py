import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import User


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """A key to the open API, for named scopes. Only its hash is kept; it is shown once.

    It carries the staff roles that its owner had when it was made: a role given later adds nothing to
    it, and one that was taken away is gone from it for good, even where the same is given anew.
    """

    class Scope(models.TextChoices):
        REPAIRS_READ = "repairs:read", _("read repairs")
        REPAIRS_WRITE = "repairs:write", _("report and follow repairs")
        WORK = "work", _("do repair jobs")
        DISPATCH = "dispatch", _("dispatch repairs")
        FEES_READ = "fees:read", _("read bills")
        FEES_WRITE = "fees:write", _("pay bills")
        CARE_READ = "care:read", _("read care bookings")
        CARE_WRITE = "care:write", _("book care")
        CARE_WORK = "care:work", _("do care visits")
        HELP = "help", _("call for help")
        FEEDBACK_READ = "feedback:read", _("read feedback")
        FEEDBACK_WRITE = "feedback:write", _("write feedback")
        FEEDBACK_DESK = "feedback:desk", _("answer feedback")
        RENOVATION_READ = "renovation:read", _("read renovation projects")
        RENOVATION_WRITE = "renovation:write", _("book renovation work")
        CREW = "crew", _("do renovation work")
        NOTICES_READ = "notices:read", _("read notices")
        NOTICES_DESK = "notices:desk", _("write notices")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    # Keys of ``StaffRole``; none in a token that was made as a resident.
    role_ids = models.JSONField(_("roles"), default=list, editable=False)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_secret() -> str:
        return "linli_" + secrets.token_urlsafe(32)

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now
