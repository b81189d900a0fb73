import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Delegation, StaffRole, User
from accounts.policies import Role, estates_of
from community.core import clock
from community.core.encryption import EncryptedTextField
from community.core.transitions import StatusChange
from community.estates.models import Home
from services.care import KEY
from services.care.models.catalogue import CareService
from services.care.roles import OVERSEEING
from services.common.models import Request, Satisfaction
from services.fees.models import Bill
from services.scheduling.models import Place

# Under way for so many times its length: most likely somebody forgot to finish it.
TOO_LONG = 2
# So long after a visit the carer still sees where it was and whom to call: something was left behind.
KEPT = timedelta(days=1)


class Status(models.TextChoices):
    BOOKED = "booked", _("booked")
    UNDER_WAY = "under_way", _("under way")
    DONE = "done", pgettext_lazy("care", "done")
    CANCELLED = "cancelled", _("cancelled")
    MISSED = "missed", _("nobody at home")


class BookingQuerySet(models.QuerySet["CareBooking"]):
    def visible_to(self, user: User) -> "BookingQuerySet":
        """Own, of whom one acts for, what a role shows, and the visits that are one's own to make.

        Who lives in the same home has no part in it: care is the person's, not the household's.
        """
        return self.filter(
            Q(pk__in=CareBooking.objects.of_household(user).values("pk"))
            | Q(estate__in=estates_of(user, *OVERSEEING))
            | Q(pk__in=CareBooking.objects.in_hands_of(user, clock.now()).values("pk"))
        )

    def of_carer(self, user: User) -> "BookingQuerySet":
        """Every visit that was ever given to somebody who is a carer still: its time and its number."""
        caring = StaffRole.objects.held_by(user).filter(role=Role.CARER).values("estate")
        return self.filter(carer=user, estate__in=caring)

    def in_hands_of(self, user: User, now: datetime) -> "BookingQuerySet":
        """Of those, the ones whose home, number and answer the carer needs still."""
        just_over = Q(status__in=(Status.DONE, Status.MISSED), status_changed_at__gt=now - KEPT)
        return self.of_carer(user).filter(Q(status__in=CareBooking.OPEN) | just_over)

    def of_household(self, user: User) -> "BookingQuerySet":
        """Those of a resident's own list: theirs, and of whom they act for."""
        acted_for = Delegation.objects.residents_of(user, KEY)
        return self.filter(Q(resident=user) | Q(resident__in=acted_for))

    def open(self) -> "BookingQuerySet":
        """Still to come, or under way."""
        return self.filter(status__in=CareBooking.OPEN)

    def of_days(self, first: date, days: int = 1) -> "BookingQuerySet":
        """Those that begin on these days."""
        begins = clock.midnight(first)
        return self.filter(
            place__slot__starts_at__gte=begins, place__slot__starts_at__lt=begins + timedelta(days=days)
        )

    def served(self, now: datetime) -> "BookingQuerySet":
        """Meals and the like whose time is over: nobody comes who would say that they are done."""
        return self.filter(status=Status.BOOKED, service__needs_carer=False, place__slot__ends_at__lte=now)

    def with_people(self) -> "BookingQuerySet":
        """Everything that a line of a list shows, in one query."""
        return self.select_related(
            "service__provider",
            "service__resource",
            "place__slot",
            "home__entrance__building__estate",
            "resident",
            "reported_by",
            "carer",
            "estate",
            "satisfaction",
            "bill",
        )

    def by_time(self) -> "BookingQuerySet":
        return self.order_by("place__slot__starts_at", "pk")


def new_start_code() -> str:
    """Four digits that an elder can say at the door."""
    return f"{secrets.randbelow(10_000):04d}"


class CareBooking(Request):
    """One visit, or one meal, for one person at one time (服务预约).

    When it is stands in its place's slot alone. ``description`` is the answer to what the service
    asks. The start code is the elder's: spoken at the door, it shows that the carer was there.
    """

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        # A step from booked to booked gives it a carer or another time.
        Status.BOOKED: {Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.CANCELLED, Status.MISSED},
        Status.UNDER_WAY: {Status.DONE},
        Status.DONE: set(),
        Status.CANCELLED: set(),
        Status.MISSED: set(),
    }
    OPEN = (Status.BOOKED, Status.UNDER_WAY)
    FINISHED = (Status.DONE, Status.CANCELLED, Status.MISSED)

    service = models.ForeignKey(
        CareService, verbose_name=_("what"), on_delete=models.PROTECT, related_name="bookings"
    )
    place = models.OneToOneField(
        Place, verbose_name=_("time"), on_delete=models.PROTECT, related_name="care_booking"
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="care_bookings"
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.BOOKED)
    # The price as it was shown when it was booked.
    price_fen = models.PositiveIntegerField(_("price in fen"), default=0)
    carer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("carer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="care_visits",
    )
    start_code = EncryptedTextField(default=new_start_code, editable=False)
    satisfaction = models.OneToOneField(
        Satisfaction,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="care_booking",
    )
    bill = models.OneToOneField(
        Bill, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="care_booking"
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("care booking")
        verbose_name_plural = _("care bookings")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="care_booking_reference_once"),
            models.CheckConstraint(
                condition=~Q(status="under_way") | Q(carer__isnull=False), name="care_visit_has_carer"
            ),
            models.CheckConstraint(condition=Q(bill=None) | Q(status="done"), name="care_bill_when_done"),
        ]
        indexes = [
            models.Index(fields=["resident", "-created_at", "-id"], name="care_of_resident"),
            models.Index(fields=["estate", "status", "-created_at"], name="care_of_estate"),
            models.Index(fields=["carer", "status"], name="care_of_carer"),
        ]

    @property
    def starts_at(self) -> datetime:
        return self.place.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.place.slot.ends_at

    def is_overdue(self, now: datetime) -> bool:
        """Under way for much longer than it lasts: whoever began it has not finished it."""
        lasts = self.place.slot.ends_at - self.place.slot.starts_at
        return self.status == Status.UNDER_WAY and now - self.status_changed_at > TOO_LONG * lasts

    @property
    def live_topic(self) -> str:
        return f"care:{self.pk}"

    def history_fields(self) -> dict[str, Any]:
        return {
            "carer_name": self.carer.name if self.carer else "",
            "starts_at": self.starts_at,
        }


class CareBookingChange(StatusChange):
    """A step of a booking's life, with who was to come and when, after it."""

    booking = models.ForeignKey(CareBooking, on_delete=models.CASCADE, related_name="history")
    carer_name = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
