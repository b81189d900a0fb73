"""Official accounts, their templates, and which person is which openid."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.encryption import BlindIndexField, EncryptedTextField, blind_indexes
from community.estates.models import Estate, PropertyCompany

is_app_id = RegexValidator(r"^wx[0-9a-zA-Z]{16}$", _("An AppID begins with wx and has 18 characters."))


class AccountQuerySet(models.QuerySet["OfficialAccount"]):
    def in_use(self) -> "AccountQuerySet":
        """Limits to accounts that are switched on."""
        return self.filter(is_on=True)


class OfficialAccount(models.Model):
    """A property company's official account (服务号)."""

    company = models.ForeignKey(
        PropertyCompany,
        verbose_name=_("property company"),
        on_delete=models.PROTECT,
        related_name="official_accounts",
    )
    name = models.CharField(_("name"), max_length=40)
    app_id = models.CharField("AppID", max_length=18, unique=True, validators=[is_app_id])
    secret = EncryptedTextField("AppSecret")
    # Word and key with which WeChat signs and encrypts what it pushes to us.
    token = EncryptedTextField("Token", blank=True)
    aes_key = EncryptedTextField("EncodingAESKey", blank=True)
    is_on = models.BooleanField(_("in use"), default=True)
    # Error code of the last refusal that staff must mend; 0 for none.
    problem = models.IntegerField(_("last problem"), default=0, editable=False)
    problem_at = models.DateTimeField(_("since"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("entered"))

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("official account")
        verbose_name_plural = _("official accounts")
        ordering = ["company", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=Q(is_on=True), name="official_account_of_company_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MessageTemplate(models.Model):
    """The account's template for one of our messages.

    ``fields`` leads from a keyword of the template, such as ``thing1``, to a parameter of the message, or to
    ``title`` or ``body``, its words.
    """

    class Way(models.TextChoices):
        TEMPLATE = "template", _("to followers")
        SUBSCRIPTION = "subscription", _("allowed by a tap")

    account = models.ForeignKey(
        OfficialAccount,
        verbose_name=_("official account"),
        on_delete=models.CASCADE,
        related_name="templates",
    )
    message = models.CharField(_("message"), max_length=60)
    way = models.CharField(_("way"), max_length=12, choices=Way, default=Way.TEMPLATE)
    template_id = models.CharField(_("number of the template"), max_length=64)
    fields = models.JSONField(_("keywords"), default=dict)

    class Meta:
        verbose_name = _("template of a message")
        verbose_name_plural = _("templates of messages")
        ordering = ["account", "message", "way"]
        constraints = [
            models.UniqueConstraint(fields=["account", "message", "way"], name="message_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message} · {self.get_way_display()}"


class BindingQuerySet(models.QuerySet["Binding"]):
    def visible_to(self, user: Any) -> "BindingQuerySet":
        """Limits to the person's own."""
        return self.filter(user=user)

    def of_openid(self, account: OfficialAccount, openid: str) -> "BindingQuerySet":
        """Limits to the people whom this openid of this account signs in."""
        return self.filter(account=account, openid_index__in=blind_indexes(openid))


class Binding(models.Model):
    """A person's yes that an openid of an account signs them in without a code.

    A family may share one phone, and a person may have several WeChat accounts.
    """

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="bindings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    openid = EncryptedTextField()
    openid_index = BlindIndexField(of="openid")
    # Whether the person follows the account; None until WeChat has said.
    does_follow = models.BooleanField(null=True, default=None)
    bound_at = models.DateTimeField()
    used_at = models.DateTimeField()

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in by WeChat")
        verbose_name_plural = _("sign-ins by WeChat")
        ordering = ["-used_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "openid_index", "user"], name="binding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.user_id}"


class BoundSession(models.Model):
    """A session that a binding has begun, so that it ends with the binding."""

    binding = models.ForeignKey(Binding, on_delete=models.CASCADE, related_name="sessions")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["binding", "session"], name="bound_session_once")]

    def __str__(self) -> str:
        return f"{self.binding_id}"


class Grant(models.Model):
    """Messages of a template that the person has allowed by taps and that are not sent yet."""

    binding = models.ForeignKey(Binding, on_delete=models.CASCADE, related_name="grants")
    template_id = models.CharField(max_length=64)
    left = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["binding", "template_id"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.template_id} · {self.left}"


class Push(models.Model):
    """A message that WeChat pushed to us, by its hash, so that a repeated one does nothing."""

    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="push_by_time")]

    def __str__(self) -> str:
        return self.digest


class RobotQuerySet(models.QuerySet["GroupRobot"]):
    def in_use(self) -> "RobotQuerySet":
        """Limits to robots that are switched on."""
        return self.filter(is_on=True)


class GroupRobot(models.Model):
    """A robot of a group chat of an estate's staff; ``secret`` signs for DingTalk (加签)."""

    class Kind(models.TextChoices):
        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="group_robots"
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WECOM)
    key = EncryptedTextField(_("key in the robot's address"))
    secret = EncryptedTextField(_("secret for signing (DingTalk)"), blank=True)
    hears_alarms = models.BooleanField(_("hears of alarms"), default=True)
    hears_morning = models.BooleanField(_("hears each morning what is late"), default=True)
    is_on = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("entered"))

    objects = RobotQuerySet.as_manager()

    class Meta:
        verbose_name = _("robot of a group chat")
        verbose_name_plural = _("robots of group chats")
        ordering = ["estate", "pk"]

    def __str__(self) -> str:
        return self.name


class RobotMessageQuerySet(models.QuerySet["RobotMessage"]):
    def due(self, now: datetime) -> "RobotMessageQuerySet":
        """Limits to waiting messages whose next try is due."""
        return self.filter(status=RobotMessage.Status.PENDING, next_try_at__lte=now, robot__is_on=True)


class RobotMessage(models.Model):
    """A text to a group chat, written in the transaction of its cause; names places and references, no people."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    robot = models.ForeignKey(
        GroupRobot, verbose_name=_("robot of a group chat"), on_delete=models.CASCADE, related_name="messages"
    )
    key = models.CharField(_("key"), max_length=120)
    text = EncryptedTextField(_("text"))
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PENDING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = RobotMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to a group chat")
        verbose_name_plural = _("messages to group chats")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["robot", "key"], name="robot_message_once")]
        indexes = [models.Index(fields=["status", "next_try_at"], name="robot_message_due")]

    def __str__(self) -> str:
        return self.key
