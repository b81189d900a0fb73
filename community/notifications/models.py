"""Outbox, inbox and the numbers of live topics."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedJSONField
from community.notifications import messages


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> "OutboxQuerySet":
        """Limits to pending messages whose next try is due."""
        return self.filter(status=OutboxMessage.Status.PENDING, next_try_at__lte=now)

    def cut_short(self, now: datetime) -> "OutboxQuerySet":
        """Limits to messages whose sender died."""
        return self.filter(status=OutboxMessage.Status.SENDING, claimed_until__lt=now)

    def to_ask_about(self, now: datetime) -> "OutboxQuerySet":
        """Limits to uncertain messages whose next query of the gateway is due."""
        return self.filter(status=OutboxMessage.Status.UNCERTAIN, next_try_at__lte=now)

    def failed(self) -> "OutboxQuerySet":
        """Limits to messages that failed permanently."""
        return self.filter(status=OutboxMessage.Status.FAILED)


class OutboxMessage(models.Model):
    """An outgoing message, written in the transaction of its cause and delivered by Celery.

    An SMS is the name of an approved template with parameters, never free text.
    """

    class Channel(models.TextChoices):
        INBOX = "inbox", _("inbox")
        WECHAT = "wechat", _("WeChat")
        SMS = "sms", _("SMS")

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        UNCERTAIN = "uncertain", _("uncertain")
        SENT = "sent", _("sent")
        # Not possible this way; by SMS if the matter needs it, and in the inbox anyway.
        PASSED_ON = "passed_on", _("passed on")
        FAILED = "failed", _("failed")

    key = models.CharField(_("key"), max_length=120)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recipient"), on_delete=models.CASCADE, related_name="+"
    )
    template = models.CharField(_("template"), max_length=60)
    params = EncryptedJSONField(_("parameters"), default=dict, blank=True, was_clear=True)
    url = models.CharField(_("address"), max_length=200, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PENDING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    # A message by WeChat that goes by SMS where WeChat does not reach the person.
    sms_else = models.BooleanField(default=False, editable=False)
    # Since when it is unknown whether WeChat has taken it; None if it is known.
    in_doubt_since = models.DateTimeField(null=True, blank=True, editable=False)
    provider_reference = models.CharField(_("gateway's reference"), max_length=80, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["key", "channel", "recipient"], name="outbox_message_once"),
        ]
        indexes = [
            models.Index(fields=["status", "next_try_at"], name="outbox_due"),
            models.Index(fields=["-created_at", "-id"], name="outbox_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {messages.in_words(self.template, self.params)[0]}"


class InboxQuerySet(models.QuerySet["InboxNotice"]):
    def visible_to(self, user: Any) -> "InboxQuerySet":
        """Limits to messages to the user."""
        return self.filter(user=user)

    def unread(self) -> "InboxQuerySet":
        """Limits to unread messages."""
        return self.filter(read_at=None)


class InboxNotice(models.Model):
    """A message in a person's inbox, there exactly once by its key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="inbox")
    key = models.CharField(max_length=120)
    template = models.CharField(max_length=60)
    params = EncryptedJSONField(default=dict, blank=True, was_clear=True)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbox message")
        verbose_name_plural = _("inbox messages")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="inbox_notice_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="inbox_newest_first")]

    def __str__(self) -> str:
        return self.template


def unread_of(reader: Any) -> Coalesce:
    """Returns the number of a person's unread messages, for ``annotate``."""
    unread = InboxNotice.objects.visible_to(reader).unread().order_by().values("user")
    counted = unread.annotate(number=models.Count("pk")).values("number")
    return Coalesce(models.Subquery(counted), 0)


class LiveTopic(models.Model):
    """Number of changes of a topic.

    The row is updated in the transaction of the change, so numbers follow the order of commits: a page with
    the newest number has missed nothing.
    """

    name = models.CharField(max_length=60, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
