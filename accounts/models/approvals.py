from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.access import access_of
from community.core.encryption import EncryptedTextField
from community.core.services.registry import by_two
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate

if TYPE_CHECKING:
    from accounts.models.people import User


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self) -> "ApprovalQuerySet":
        """Limits to requests that nobody has answered."""
        return self.filter(status=Approval.Status.ASKED)

    def about_row(self, kind: str, about: object) -> "ApprovalQuerySet":
        """Limits to requests of a kind about one thing, in whichever estate it is."""
        return self.filter(kind=kind, about=str(about))

    def about_any(self, kind: str, pk: int) -> "ApprovalQuerySet":
        """Limits to requests of a kind about anything of one row: ``12:…``."""
        return self.filter(kind=kind, about__startswith=f"{pk}:")

    def visible_to(self, user: "User") -> "ApprovalQuerySet":
        """Limits to the user's own requests and those of estates in which they may agree to that kind."""
        found = Q(asked_by=user)
        access = access_of(user)
        for key, kind in by_two().items():
            if kind.roles:
                found |= Q(kind=key, estate__in=access.estates(*kind.roles))
            if user.administration in (*kind.administrators, *kind.agreers):
                found |= Q(kind=key)
        return self.filter(found)


class Approval(HasStatus):
    """An act that one person asks for and a second one agrees to: a role, a tariff, a run to be voided.

    ``kind`` names its declaration (``by_two`` of an app), ``about`` what may wait only once, ``given`` the
    values of the act: keys, codes, dates and amounts, no words.
    """

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("approval", "waits for a second person")
        DONE = "done", pgettext_lazy("approval", "done")
        DECLINED = "declined", pgettext_lazy("approval", "not agreed to")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.DONE, Status.DECLINED},
        Status.DONE: set(),
        Status.DECLINED: set(),
    }

    kind = models.CharField(_("kind"), max_length=60)
    # None for acts about the whole installation.
    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    about = models.CharField(max_length=120)
    given = models.JSONField(default=dict)
    reason = EncryptedTextField(_("reason"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked at"))

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("act by two")
        verbose_name_plural = _("acts by two")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["estate", "status", "-created_at", "-id"], name="approval_of_estate")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "estate", "about"], condition=Q(status="asked"), name="approval_waits_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=Q(status="asked", estate=None),
                name="approval_of_all_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")) | ~Q(status="done"),
                name="approval_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(by_two()[self.kind].label)

    @property
    def tone(self) -> str:
        """Colour of its tag."""
        return {"asked": "care", "done": "brand"}.get(self.status, "plain")

    def get_absolute_url(self) -> str:
        """Returns the page on which a second person answers."""
        return reverse("desk_approval", args=[self.pk])


class ApprovalChange(StatusChange):
    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="history")
