from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.core import audit_words
from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange


class AppendOnly(models.QuerySet):
    """Rows that the application can only add and read."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("audit records are never changed")

    def delete(self) -> Any:
        raise TypeError("audit records are never deleted")


class AddedOnce(models.Model):
    """A row that is never changed or deleted once it is stored.

    The database refuses it too (``community/core/append_only.py``), so that no mistake of the application can
    change it.
    """

    objects = AppendOnly.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("audit records are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("audit records are never deleted")


class AuditRecord(AddedOnce):
    """A security-relevant act, kept at least 6 months (GB/T 22239-2019, level 3, 8.1.4.3)."""

    action = models.CharField(_("act"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    target = models.CharField(_("on what"), max_length=80, blank=True)
    # Not a foreign key: core knows no estates, and the record outlives its estate.
    estate_id_number = models.BigIntegerField(_("estate number"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20)
    address = models.GenericIPAddressField(_("from where"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                F("detail__person"),
                F("at").desc(),
                F("id").desc(),
                condition=Q(action="on_behalf"),
                name="audit_in_name_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{audit_words.act(self.action)} {audit_words.target(self.target)}"


class AuditSeal(AddedOnce):
    """A batch of audit records and its digest, chained to the seal before it.

    The number is the key: of two tasks that seal at once, one fails on it. ``runs`` are the keys of the
    records as ``[first, last]``; ``awaited`` are keys below ``up_to`` that no record had, with the time until
    which a transaction may still commit one (``community/core/audit_seals.py``).
    """

    number = models.BigIntegerField(_("seal no."), primary_key=True)
    at = models.DateTimeField(_("when"))
    hash_name = models.CharField(max_length=20)
    runs = models.JSONField()
    awaited = models.JSONField(default=list)
    up_to = models.BigIntegerField()
    count = models.PositiveIntegerField(_("records"))
    # The first 8 bytes of each record's digest: they tell which record of a batch was altered.
    marks = models.BinaryField()
    rows_digest = models.CharField(max_length=128)
    previous = models.CharField(max_length=128, blank=True)
    digest = models.CharField(max_length=128)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class SealSent(models.Model):
    """The last seal whose digest has reached a place off the machine."""

    place = models.CharField(max_length=200, unique=True)
    number = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("sent seal")
        verbose_name_plural = _("sent seals")
        ordering = ["place"]

    def __str__(self) -> str:
        return f"{self.place} {self.number}"


class AuditCheck(AddedOnce):
    """A check of the whole audit record: how many seals it has read and how much was wrong."""

    at = models.DateTimeField(_("when"))
    seals = models.BigIntegerField(_("audit seals"))
    problems = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("check of the audit record")
        verbose_name_plural = _("checks of the audit record")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.problems}"


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    def visible_to(self, user: Any) -> "ExportFileQuerySet":
        """Limits to exports requested by the user."""
        return self.filter(asked_by=user)

    def own_data(self) -> "ExportFileQuerySet":
        """Limits to copies of what is held of a person."""
        return self.filter(right=ExportFile.OWN_DATA)

    def waiting(self) -> "ExportFileQuerySet":
        """Limits to exports that are being made."""
        return self.filter(status=ExportFile.Status.WAITING)


class ExportFile(HasStatus):
    """An export too long for a request: made in the background and kept for a day."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("broken off")

    TRANSITIONS: dict[str, set[str]] = {
        Status.WAITING: {Status.READY, Status.FAILED},
        Status.READY: set(),
        Status.FAILED: set(),
    }

    # In place of a right, for a copy of the person's own data.
    OWN_DATA = "own_data"

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.WAITING)
    status_changed_at = models.DateTimeField(_("since"))
    # Path of the page that answers with the sheet, with its search text.
    page = EncryptedTextField()
    language = models.CharField(max_length=10)
    # IP address of the request, for the audit record.
    address = models.GenericIPAddressField(null=True, blank=True)
    title = models.CharField(max_length=100)
    file_name = models.CharField(max_length=150)
    # Right that the reader needs in each of these estates (keys, because core knows no estates).
    right = models.CharField(max_length=100)
    estates = models.JSONField(default=list)
    stored = models.CharField(max_length=100, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Time of the last written rows; None while it waits in the queue.
    progressed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_own_data(self) -> bool:
        return self.right == self.OWN_DATA


class ExportFileChange(StatusChange):
    export = models.ForeignKey(ExportFile, on_delete=models.CASCADE, related_name="history")


class FailureCount(models.Model):
    """Count of a failure in a quarter of an hour, for one network or ("") for all.

    Kept until the audit record says how many were not written one by one.
    """

    kind = models.CharField(max_length=90)
    network = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("counted failures")
        verbose_name_plural = _("counted failures")
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["since", "kind", "network"], name="failures_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.network} {self.count}"


class SearchKey(models.Model):
    """A search key of a row: a keyed hash of personal data, or a normalized address.

    ``row`` is not a foreign key: core knows neither people nor homes. Keys are written and deleted with their
    row (see ``community.core.search.keys``).
    """

    pk = models.CompositePrimaryKey("kind", "row", "key")
    kind = models.CharField(max_length=10)
    row = models.BigIntegerField()
    key = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("search key")
        verbose_name_plural = _("search keys")
        ordering = ["kind", "row", "key"]
        indexes = [models.Index(fields=["key", "kind", "row"], name="search_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"


class RetentionDay(models.Model):
    """A line of the nightly report: how much of one kind was deleted on one day, and what failed."""

    kind = models.CharField(_("kind"), max_length=40)
    day = models.DateField(_("day"))
    removed = models.PositiveIntegerField(_("deleted"), default=0)
    failures = models.PositiveIntegerField(_("runs that failed"), default=0)
    # Name of the last error's class: its text may name somebody.
    error = models.CharField(_("last error"), max_length=80, blank=True)
    last_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("nightly deletion")
        verbose_name_plural = _("nightly deletions")
        ordering = ["-day", "kind"]
        constraints = [models.UniqueConstraint(fields=["day", "kind"], name="retention_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
