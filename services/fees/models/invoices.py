"""Requests for invoices (发票) of paid bills."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, access_of
from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.models.bills import Bill
from services.fees.roles import FEES_STAFF


class InvoiceQuerySet(models.QuerySet["InvoiceRequest"]):
    def visible_to(self, user: User) -> "InvoiceQuerySet":
        """Limits to requests of the user and of people they act for and, for staff of fees, of their estates."""
        access = access_of(user)
        return self.filter(Q(resident__in=access.people(KEY)) | Q(estate__in=access.estates(*FEES_STAFF)))

    def of_resident(self, user: User) -> "InvoiceQuerySet":
        """Limits to a resident's own list: their requests and those of people they act for."""
        return self.filter(resident__in=access_of(user).people(KEY))

    def open(self) -> "InvoiceQuerySet":
        """Limits to requests on which staff have not acted yet."""
        return self.filter(status=InvoiceRequest.Status.ASKED)

    def with_marks(self) -> "InvoiceQuerySet":
        """Annotates ``is_paid_back``: a bill of the request is not wholly paid any more."""
        unpaid = InvoiceLine.objects.filter(request=OuterRef("pk"), is_live=True).exclude(
            bill__status=Bill.Status.SETTLED
        )
        return self.annotate(is_paid_back=Exists(unpaid))


class InvoiceRequest(HasStatus):
    """A resident's request for an invoice of paid bills of one home, answered with a file or a reason.

    Each bill stands in one request at most that is neither refused, withdrawn nor reversed.
    """

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("invoice", "asked for")
        ISSUED = "issued", _("issued")
        REFUSED = "refused", _("not issued")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REVERSED = "reversed", _("reversed")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.ISSUED, Status.REFUSED, Status.WITHDRAWN},
        # A bill was paid back: the invoice is cancelled by a red one.
        Status.ISSUED: {Status.REVERSED},
        Status.REFUSED: set(),
        Status.WITHDRAWN: set(),
        Status.REVERSED: set(),
    }

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("a person")
        COMPANY = "company", _("a company")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("resident"), on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("title is of"), max_length=10, choices=Kind)
    title = EncryptedTextField(pgettext_lazy("invoice", "title"))
    tax_number = EncryptedTextField(_("tax number"), blank=True)
    email = EncryptedTextField(_("e-mail"), blank=True)
    amount_fen = models.PositiveBigIntegerField(_("amount in fen"))
    # Number of the invoice, and the encrypted file with its ending: pdf or ofd.
    number = models.CharField(_("number of the invoice"), max_length=40, blank=True)
    stored = models.CharField(max_length=100, blank=True, editable=False)
    ending = models.CharField(max_length=4, blank=True, editable=False)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked for"))

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice request")
        verbose_name_plural = _("invoice requests")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="invoice_positive"),
            models.CheckConstraint(
                condition=~Q(status__in=["issued", "reversed"]) | ~Q(stored=""),
                name="invoice_issued_with_file",
            ),
        ]
        indexes = [
            models.Index(fields=["estate", "-created_at", "-id"], name="invoice_of_estate"),
            models.Index(fields=["resident", "-created_at", "-id"], name="invoice_of_resident"),
        ]

    def __str__(self) -> str:
        return f"{self.home} {self.created_at:%Y-%m-%d}"

    @property
    def reason(self) -> str:
        """The reason of the last step, such as why no invoice is issued."""
        step = self.history.order_by("-pk").first()
        return step.reason if step else ""


class InvoiceChange(StatusChange):
    request = models.ForeignKey(InvoiceRequest, on_delete=models.CASCADE, related_name="history")


class InvoiceLine(models.Model):
    """A bill in a request, with its amount; ``is_live`` until the request is refused, withdrawn or reversed."""

    request = models.ForeignKey(InvoiceRequest, on_delete=models.PROTECT, related_name="lines")
    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="+")
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    is_live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("line of an invoice request")
        verbose_name_plural = _("lines of invoice requests")
        ordering = ["request", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bill"], condition=Q(is_live=True), name="bill_invoiced_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="invoice_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.amount_fen}"
