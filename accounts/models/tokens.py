import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import User


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self, now: datetime) -> "ApiTokenQuerySet":
        """Limits to tokens that have neither been revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class ApiToken(models.Model):
    """A token of the open API, for named scopes. Only its hash is stored; the secret is shown once.

    The token carries the staff roles that its owner had when it was made. A role given later adds nothing,
    and a role that was ended stays out of it even if it is given again.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    # Keys of ``StaffRole``; empty in a token made as a resident.
    role_ids = models.JSONField(_("roles"), default=list, editable=False)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

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
