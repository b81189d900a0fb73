"""Consents of people to uses of their sensitive data, by purpose."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import User
from accounts.models.residents import RosterEntry
from community.core import clock
from community.core.encryption import EncryptedTextField

# Age below which a guardian consents (个人信息保护法, article 31).
CHILD_AGE = 14


class Purpose(models.TextChoices):
    """A use of personal data that needs a consent of its own. What a contract needs has no purpose here."""

    HEALTH = "health", _("Health for care")
    CHILD = "child", _("Data of a child under 14")


# A changed text of a purpose gets the next number here, and is asked again.
VERSIONS: dict[str, int] = {Purpose.HEALTH: 1, Purpose.CHILD: 1}


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> "ConsentQuerySet":
        """Limits to consents that are not withdrawn, of any version."""
        return self.filter(withdrawn_at=None)

    def valid(self) -> "ConsentQuerySet":
        """Limits to consents to the present text of their purpose that are not withdrawn."""
        present = Q()
        for purpose, version in VERSIONS.items():
            present |= Q(purpose=purpose, version=version)
        return self.standing().filter(present)


class Consent(models.Model):
    """A person's yes to a purpose in one version of its text, until it is withdrawn. Rows are kept as proof."""

    Purpose = Purpose

    class Way(models.TextChoices):
        SELF = "self", pgettext_lazy("consent", "by themselves")
        FAMILY = "family", pgettext_lazy("consent", "by family who act for them")
        GUARDIAN = "guardian", pgettext_lazy("consent", "by a guardian")
        DESK = "desk", pgettext_lazy("consent", "said to the desk")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    version = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=10, choices=Way)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    # How the desk was told, for a consent that it writes down.
    reason = EncryptedTextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at=None), name="consent_once_a_purpose"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"


def is_child(person: User, now: datetime) -> bool:
    """Whether the roster says that the person may be under 14; it knows years alone."""
    if not person.phone_index:
        return False
    youngest = clock.today(now).year - CHILD_AGE
    lines = RosterEntry.objects.standing().filter(
        phone_index=person.phone_index, name_index=person.name_index
    )
    return any(line.birth_year is not None and line.birth_year >= youngest for line in lines)


def purposes_for(person: User, now: datetime) -> list[Purpose]:
    """Returns the consents without which nothing may be noted about the person's health."""
    return [Purpose.HEALTH, Purpose.CHILD] if is_child(person, now) else [Purpose.HEALTH]


def has_agreed_to_health(person: User, now: datetime) -> bool:
    """Whether what the person's health needs may be noted and shown."""
    wanted = purposes_for(person, now)
    given = Consent.objects.valid().filter(person=person, purpose__in=wanted)
    return given.count() == len(wanted)
