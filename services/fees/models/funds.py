"""Money that belongs to the owners (民法典 281、282): public revenue and the maintenance fund, line by line."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, access_of
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.common.models import Recording
from services.fees.roles import FEES_STAFF


def funds_read_by(user: User) -> list[int]:
    """Returns the keys of the estates whose funds the user may read: where they live, and as staff of fees."""
    access = access_of(user)
    return sorted({*access.lived_in(), *access.estates(*FEES_STAFF)})


class FundQuerySet(models.QuerySet["Fund"]):
    def visible_to(self, user: User) -> "FundQuerySet":
        """Limits to the estates in which the user lives or is staff of fees."""
        return self.filter(estate__in=funds_read_by(user))


class Fund(models.Model):
    """An account of the owners of an estate, apart from the money of the property company."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("public revenue")
        MAINTENANCE = "maintenance", _("maintenance fund")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("fund of the owners")
        verbose_name_plural = _("funds of the owners")
        ordering = ["estate", "-kind"]
        constraints = [models.UniqueConstraint(fields=["estate", "kind"], name="fund_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class FundLineQuerySet(models.QuerySet["FundLine"]):
    def booked(self) -> "FundLineQuerySet":
        """Limits to lines that stand in the books."""
        return self.filter(status=FundLine.Status.BOOKED)

    def waiting(self) -> "FundLineQuerySet":
        """Limits to spendings and lines to take back that wait for a second person."""
        return self.filter(status=FundLine.Status.ASKED)

    def visible_to(self, user: User) -> "FundLineQuerySet":
        """Limits to all lines of the estates of staff of fees, and for residents to those in the books."""
        access = access_of(user)
        of_residents = Q(fund__estate__in=access.lived_in(), status=FundLine.Status.BOOKED)
        return self.filter(of_residents | Q(fund__estate__in=access.estates(*FEES_STAFF)))


class FundLine(HasStatus):
    """A receipt or a spending of a fund. A spending, and taking a line back, waits for a second person."""

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("fund", "waits for a second person")
        BOOKED = "booked", _("in the books")
        DECLINED = "declined", _("not agreed to")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.BOOKED, Status.DECLINED},
        Status.BOOKED: set(),
        Status.DECLINED: set(),
    }

    class Category(models.TextChoices):
        OPENING = "opening", pgettext_lazy("fund", "carried in")
        ADVERTS = "adverts", _("advertisements in lifts")
        PARKING = "parking", _("parking on common ground")
        VENUES = "venues", _("venues and rooms")
        INTEREST = "interest", _("interest")
        OTHER_IN = "other_in", _("other receipts")
        OWNERS = "owners", _("paid in by owners")
        FROM_PUBLIC = "from_public", _("from public revenue")
        COST = "cost", _("reasonable cost deducted")
        UPKEEP = "upkeep", _("upkeep of common parts")
        TO_FUND = "to_fund", _("into the maintenance fund")
        COMMON = "common", _("for all owners")
        REPAIR = "repair", _("repair of common parts")
        RENEWAL = "renewal", _("renewal and rebuilding")

    BOTH = (Category.OPENING, Category.INTEREST, Category.OTHER_IN)
    RECEIPTS = {
        Fund.Kind.PUBLIC: (Category.ADVERTS, Category.PARKING, Category.VENUES, *BOTH),
        Fund.Kind.MAINTENANCE: (Category.OWNERS, Category.FROM_PUBLIC, *BOTH),
    }
    SPENDINGS = {
        Fund.Kind.PUBLIC: (Category.COST, Category.UPKEEP, Category.TO_FUND, Category.COMMON),
        Fund.Kind.MAINTENANCE: (Category.REPAIR, Category.RENEWAL),
    }

    class Ground(models.TextChoices):
        NONE = "", _("not needed")
        DECISION = "decision", _("decision of the owners")
        EMERGENCY = "emergency", _("emergency")

    fund = models.ForeignKey(Fund, verbose_name=_("fund"), on_delete=models.PROTECT, related_name="lines")
    key = models.UUIDField(unique=True, editable=False)
    category = models.CharField(_("kind"), max_length=12, choices=Category)
    is_spending = models.BooleanField(_("spending"))
    # Negative for a line that takes another back; the money is that of ``reverses`` the other way.
    amount_fen = models.BigIntegerField(_("amount in fen"))
    on = models.DateField(pgettext_lazy("fund", "day"))
    counterparty = models.CharField(_("from or to"), max_length=80)
    purpose = models.CharField(_("for what"), max_length=200)
    # The ground of a spending of the maintenance fund: a decision with its number, or an emergency in words.
    ground = models.CharField(_("allowed by"), max_length=10, choices=Ground, blank=True)
    ground_words = models.CharField(_("decision or emergency"), max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(_("state"), max_length=10, choices=Status)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("written"))

    objects = FundLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a fund")
        verbose_name_plural = _("lines of funds")
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, reverses=None) | Q(amount_fen__lt=0, reverses__isnull=False),
                name="fund_line_sign",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="fund_line_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(status="booked")
                | Q(approved_by__isnull=False)
                | Q(is_spending=False, reverses=None),
                name="fund_spending_approved",
            ),
            models.CheckConstraint(
                condition=Q(ground="") | (~Q(ground_words="") & Q(is_spending=True)),
                name="fund_ground_in_words",
            ),
        ]
        indexes = [models.Index(fields=["fund", "-on", "-id"], name="fund_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.on}"

    @property
    def money_fen(self) -> int:
        """The change of the fund's balance in fen: negative for a spending."""
        return -self.amount_fen if self.is_spending else self.amount_fen


class FundLineChange(StatusChange):
    line = models.ForeignKey(FundLine, on_delete=models.CASCADE, related_name="history")


class FundFileQuerySet(models.QuerySet["FundFile"]):
    def visible_to(self, user: User) -> "FundFileQuerySet":
        """Limits to the files of lines that the user may see."""
        return self.filter(line__in=FundLine.objects.visible_to(user))


class FundFile(models.Model):
    """The voucher of a line or the decision that allows it: a picture, or a PDF stored encrypted."""

    class Kind(models.TextChoices):
        VOUCHER = "voucher", _("voucher")
        DECISION = "decision", _("decision")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    line = models.ForeignKey(FundLine, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # The key of a picture (``core.pictures``), or the name of a PDF (``core.sealed_files``).
    picture = models.CharField(max_length=80, blank=True)
    sealed = models.CharField(max_length=100, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = FundFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a fund")
        verbose_name_plural = _("files of funds")
        ordering = ["kind", "at"]
        constraints = [
            models.UniqueConstraint(fields=["line", "kind"], name="fund_file_once"),
            models.CheckConstraint(
                condition=(Q(picture="") & ~Q(sealed="")) | (~Q(picture="") & Q(sealed="")),
                name="fund_file_of_one_sort",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class FundQuestionQuerySet(models.QuerySet["FundQuestion"]):
    def visible_to(self, user: User) -> "FundQuestionQuerySet":
        """Limits to answered questions on lines that the user may see, and to their own."""
        of_lines = self.filter(line__in=FundLine.objects.visible_to(user))
        estates = access_of(user).estates(*FEES_STAFF)
        return of_lines.filter(
            Q(answered_at__isnull=False) | Q(asked_by=user) | Q(line__fund__estate__in=estates)
        )

    def waiting(self) -> "FundQuestionQuerySet":
        """Limits to questions without an answer."""
        return self.filter(answered_at=None)


class FundQuestion(models.Model):
    """A question of a resident about a line; all residents read it with its answer, and not who asked."""

    line = models.ForeignKey(FundLine, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("resident"), on_delete=models.PROTECT, related_name="+"
    )
    words = EncryptedTextField(_("question"), blank=True)
    created_at = models.DateTimeField(_("asked"))
    answer = EncryptedCharField(_("answer"), max_length=500, blank=True, was_clear=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = FundQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about a fund")
        verbose_name_plural = _("questions about funds")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="", answered_by=None)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="fund_question_answered",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.created_at:%Y-%m-%d}"


class FundRecordingQuerySet(models.QuerySet["FundRecording"]):
    def visible_to(self, user: User) -> "FundRecordingQuerySet":
        """Limits to the user's own questions and, for staff of fees, those of their estates: a voice names."""
        estates = access_of(user).estates(*FEES_STAFF)
        return self.filter(Q(question__asked_by=user) | Q(question__line__fund__estate__in=estates))


class FundRecording(Recording):
    """A spoken question of a resident about a line of a fund."""

    question = models.ForeignKey(FundQuestion, on_delete=models.CASCADE, related_name="recordings")

    objects = FundRecordingQuerySet.as_manager()
