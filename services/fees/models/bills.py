"""Bills of homes, and the runs that make the bills of a month."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, access_of, made_since
from community.core.search.references import LastFour
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.models.items import FeeItem
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


class BillingRun(HasStatus):
    """A run that makes the bills of one fee item for one month: previewed first, made in the background."""

    class Status(models.TextChoices):
        PREVIEW = "preview", _("to be confirmed")
        RUNNING = "running", _("being made")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped")
        DROPPED = "dropped", _("dropped")
        VOIDED = "voided", _("voided")

    TRANSITIONS: dict[str, set[str]] = {
        Status.PREVIEW: {Status.RUNNING, Status.DROPPED},
        Status.RUNNING: {Status.DONE, Status.FAILED},
        # Started again, it makes the missing bills only.
        Status.FAILED: {Status.RUNNING, Status.DROPPED, Status.VOIDED},
        Status.DONE: {Status.VOIDED},
        Status.DROPPED: {Status.VOIDED},
        Status.VOIDED: set(),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="runs"
    )
    period = models.DateField(_("month"), help_text=_("Its first day."))
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.PREVIEW)
    status_changed_at = models.DateTimeField(_("since"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("begun by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("begun"))
    # Rates of the preview, each with the day from which it holds: ``[["2026-11-01", 23500]]`` in 0.0001 yuan;
    # the run makes every bill at these.
    rates = models.JSONField(_("rates in 0.0001 yuan a month"), default=list)
    # Time of the last finished batch: a run that does not progress was cut off, and is resumed.
    progressed_at = models.DateTimeField(null=True, blank=True)
    # Numbers for the progress bar: all homes, homes processed, bills made.
    homes = models.PositiveIntegerField(_("homes"), default=0)
    seen = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(_("bills made"), default=0)
    total_fen = models.BigIntegerField(_("in all, in fen"), default=0)

    class Meta:
        verbose_name = _("billing run")
        verbose_name_plural = _("billing runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(period__day=1), name="billing_run_from_the_first"),
            models.UniqueConstraint(
                fields=["item", "period"],
                condition=Q(status__in=["preview", "running"]),
                name="billing_run_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.period:%Y-%m}"

    @property
    def live_topic(self) -> str:
        return f"billing:{self.pk}"


class BillingRunChange(StatusChange):
    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="history")


# Residencies of people who see and pay what their home owes: a tenant only where the estate lets tenants pay.
PAYING = ~Q(kind=Residency.Kind.TENANT) | Q(home__entrance__building__estate__tenants_pay=True)


def pays_for_home(residency: Residency) -> bool:
    """Whether this person sees and pays what the home owes, as ``PAYING`` says."""
    return residency.kind != Residency.Kind.TENANT or residency.home.estate.tenants_pay


def bills_of(people: Iterable[int], living: Iterable[Residency]) -> Q:
    """Returns the condition for bills in the name of these people, and of homes in which they live and pay."""
    living = [one for one in living if pays_for_home(one)]
    owned = {one.home_id for one in living if one.kind != Residency.Kind.TENANT}
    of_homes = made_since(living) | Q(status="open", home__in=owned)
    here = Q(charged_to=None, home__in={one.home_id for one in living})
    return Q(charged_to__in=list(people)) | here & of_homes


def _of_household(user: "User") -> Q:
    access = access_of(user)
    return bills_of(access.people(KEY), access.living(KEY))


class BillQuerySet(models.QuerySet["Bill"]):
    def open(self) -> "BillQuerySet":
        """Limits to bills that are still to be paid, wholly or in part."""
        return self.filter(status=Bill.Status.OPEN)

    def in_arrears(self, on: date) -> "BillQuerySet":
        """Limits to open bills that were due before the day ``on``."""
        return self.open().filter(due_on__lt=on)

    def of_household(self, user: "User") -> "BillQuerySet":
        """Limits to a resident's own list: bills of their homes, in their name, and of people they act for.

        An owner sees every open bill of the home; a tenant, where the estate lets tenants pay, sees open
        bills, and everyone paid ones, only of the time since they have the home. A bill in a person's name (a
        care visit) is visible to that person only.
        """
        return self.filter(_of_household(user))

    def of_resident(self, resident: "User") -> "BillQuerySet":
        """Limits to the list of one person alone, by the same rule: the bills that they pay as themselves."""
        return self.filter(bills_of([resident.pk], access_of(resident).living()))

    def visible_to(self, user: "User") -> "BillQuerySet":
        """Limits to the user's own list and, for staff of fees, the bills of their estates."""
        return self.filter(_of_household(user) | Q(estate__in=access_of(user).estates(*FEES_STAFF)))

    def with_lines(self) -> "BillQuerySet":
        """Loads everything that a row of a list shows, in two queries."""
        people_and_places = ("item", "home__entrance__building", "charged_to", "estate")
        return self.select_related(*people_and_places).prefetch_related("lines")


class Bill(HasStatus):
    """The amount that a home owes for one fee and one period (账单); its lines say how it was computed.

    At most one bill that is not voided exists for each home, item, subject and period. ``paid_fen`` is the
    sum of the ledger, stored here because a conditional UPDATE on it decides which of two payments was first.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("to be paid")
        SETTLED = "settled", _("paid")
        VOIDED = "voided", _("voided")

    TRANSITIONS: dict[str, set[str]] = {
        Status.OPEN: {Status.SETTLED, Status.VOIDED},
        # A refund opens it again.
        Status.SETTLED: {Status.OPEN},
        Status.VOIDED: set(),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=20)
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="bills")
    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="bills"
    )
    # Distinguishes several bills of an item and home: a parking space, a meter, "care:42"; else empty.
    subject = models.CharField(_("subject"), max_length=40, blank=True)
    # The first day of its first month, and how many months it is for.
    period = models.DateField(_("month"))
    months = models.PositiveSmallIntegerField(_("months"), default=1)
    run = models.ForeignKey(
        BillingRun, null=True, blank=True, on_delete=models.PROTECT, related_name="bills", editable=False
    )
    # The opening balances that brought it: then the books have it from there and not as income.
    opening = models.ForeignKey(
        "fees.Opening", null=True, blank=True, on_delete=models.PROTECT, related_name="bills", editable=False
    )
    # The person who owes it, if not the household: a care visit.
    charged_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("in the name of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bills",
    )
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    paid_fen = models.PositiveIntegerField(_("paid in fen"), default=0)
    words = models.CharField(_("for what"), max_length=120, blank=True)
    # Voided because nothing is owed: the next run does not make it again.
    is_exempt = models.BooleanField(_("exempt"), default=False)
    due_on = models.DateField(_("to be paid by"))
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.OPEN)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("made"))
    # Whether somebody disputes it, and its lines in order; set on the rows of lists.
    is_disputed = False
    known_lines: "list[BillLine] | None" = None

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ["-period", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="bill_reference_once"),
            models.UniqueConstraint(
                fields=["home", "item", "subject", "period"],
                condition=~Q(status="voided"),
                name="bill_once",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bill_positive"),
            models.CheckConstraint(condition=Q(paid_fen__lte=F("amount_fen")), name="bill_never_overpaid"),
            models.CheckConstraint(
                condition=Q(status="settled", paid_fen=F("amount_fen"))
                | Q(status="open", paid_fen__lt=F("amount_fen"))
                | Q(status="voided", paid_fen=0),
                name="bill_settled_when_paid",
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="bill_from_the_first"),
            models.CheckConstraint(
                condition=Q(is_exempt=False) | Q(status="voided"), name="bill_exempt_is_voided"
            ),
        ]
        indexes = [
            models.Index(fields=["home", "status", "-period"], name="bill_of_home"),
            # Lists and sums of what is owed read nothing else.
            models.Index(
                fields=["estate", "home", "due_on", "period", "amount_fen", "paid_fen"],
                condition=Q(status="open"),
                name="bill_open",
            ),
            models.Index(fields=["charged_to", "-created_at"], name="bill_of_person"),
            # A month's bills have one time: the key keeps their order.
            models.Index(fields=["estate", "-created_at", "-id"], name="bill_by_making"),
            models.Index(fields=["-period", "-id"], name="bill_newest_first"),
            # Ends of references, as they are said on the phone.
            models.Index(LastFour("reference"), name="bill_by_end"),
            models.Index(fields=["item", "period", "home"], condition=Q(is_exempt=True), name="bill_exempt"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def lines_in_order(self) -> "list[BillLine]":
        return list(self.lines.all()) if self.known_lines is None else self.known_lines

    @property
    def unpaid_fen(self) -> int:
        return self.amount_fen - self.paid_fen if self.status == Bill.Status.OPEN else 0

    @property
    def live_topic(self) -> str:
        return f"bills:{self.home_id}"

    def is_in_arrears(self, on: date) -> bool:
        """Whether the bill is open and was due before the day ``on``."""
        return self.status == Bill.Status.OPEN and self.due_on < on


class BillLine(models.Model):
    """A part of a bill's amount, rounded once; the lines of a bill add up to it.

    ``amount_fen`` = quantity × rate × months × days ÷ days of the month, half up: ``quantity_milli`` is in
    0.001 of ``unit``, ``rate_hao`` in 0.0001 yuan. A reduction is negative and has ``off`` instead, in 1/10000
    of the lines of its days; what was lowered later is negative too. A line of words alone has only its amount.
    """

    class Kind(models.TextChoices):
        RATE = "rate", _("at a rate")
        USAGE = "usage", _("by meter")
        SHARE = "share", _("shared use")
        REDUCTION = "reduction", _("taken off")
        LATE = "late", _("late fee")
        LOWERED = "lowered", _("lowered later")
        WORDS = "words", _("one by one")

    class Unit(models.TextChoices):
        AREA = "m2", _("m²")
        HOME = "home", _("home")
        SPACE = "space", _("space")
        CUBIC_METRE = "m3", _("m³")
        KWH = "kwh", _("kWh")
        HEAT = "gj", _("GJ")

    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    words = models.CharField(_("for what"), max_length=120, blank=True)
    # Days that it is for, both inclusive; none for a line of words.
    from_on = models.DateField(_("from"), null=True, blank=True)
    to_on = models.DateField(_("last day"), null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("months"), default=1)
    # Days held of the days of the month, if not the whole of it.
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    of_days = models.PositiveSmallIntegerField(_("days of the month"), null=True, blank=True)
    quantity_milli = models.BigIntegerField(_("quantity in 0.001"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=5, choices=Unit, blank=True)
    rate_hao = models.PositiveIntegerField(_("rate in 0.0001 yuan"), null=True, blank=True)
    off = models.PositiveSmallIntegerField(_("off, of 10000"), null=True, blank=True)
    # In a line of shared use: the sum of all homes, and the whole that ``quantity_milli`` is a part of.
    whole_fen = models.PositiveBigIntegerField(_("shared by all, in fen"), null=True, blank=True)
    whole_milli = models.PositiveBigIntegerField(_("divided by, in 0.001"), null=True, blank=True)
    amount_fen = models.IntegerField(_("amount in fen"))

    class Meta:
        verbose_name = _("line of a bill")
        verbose_name_plural = _("lines of bills")
        ordering = ["bill", "number"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "number"], name="bill_line_number_once"),
            models.CheckConstraint(
                condition=Q(kind="reduction", amount_fen__lte=0, off__isnull=False)
                | Q(kind="lowered", amount_fen__lt=0)
                | (~Q(kind__in=["reduction", "lowered"]) & Q(amount_fen__gte=0)),
                name="bill_line_reduces_or_adds",
            ),
            models.CheckConstraint(
                condition=Q(days=None, of_days=None) | Q(days__gt=0, days__lte=F("of_days")),
                name="bill_line_days_of_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id}.{self.number}"


class BillChange(StatusChange):
    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="history")
