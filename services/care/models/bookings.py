import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, access_of
from accounts.policies import Role, has_role
from community.core import clock
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.search.references import LastFour
from community.core.transitions import StatusChange
from community.estates.models import Estate, Home
from services.care import KEY
from services.care.models.catalogue import CareService
from services.care.roles import OVERSEEING
from services.common.models import Request, Satisfaction
from services.fees.models import Bill
from services.scheduling.models import Place

# Multiple of a visit's length after which a started visit counts as overdue: the carer most likely forgot to
# finish it.
OVERDUE_FACTOR = 2
# Time after a visit in which its carer still sees home and number, in case something was left behind.
CONTACT_SHOWN_FOR = timedelta(days=1)


class Status(models.TextChoices):
    BOOKED = "booked", _("booked")
    UNDER_WAY = "under_way", _("under way")
    DONE = "done", pgettext_lazy("care", "done")
    CANCELLED = "cancelled", _("cancelled")
    MISSED = "missed", _("nobody at home")


def _of_carer(user: User) -> Q:
    return Q(carer=user, estate__in=access_of(user).estates(Role.CARER))


def _in_hands_of(user: User, now: datetime) -> Q:
    just_over = Q(status__in=(Status.DONE, Status.MISSED), status_changed_at__gt=now - CONTACT_SHOWN_FOR)
    return _of_carer(user) & (Q(status__in=CareBooking.OPEN) | just_over)


class BookingQuerySet(models.QuerySet["CareBooking"]):
    def visible_to(self, user: User) -> "BookingQuerySet":
        """Limits to the user's own bookings, those of people they act for, those of estates that they oversee
        as staff, and their own visits as a carer.

        Care is the person's and not the household's: others in the same home see nothing of it.
        """
        access = access_of(user)
        return self.filter(
            Q(resident__in=access.people(KEY))
            | Q(estate__in=access.estates(*OVERSEEING))
            | _in_hands_of(user, clock.now())
        )

    def visible_in(self, user: User, estate: Estate) -> "BookingQuerySet":
        """Limits to bookings of this estate that ``visible_to`` shows: all, to those who oversee it."""
        there = self.filter(estate=estate)
        return there if has_role(user, estate.pk, *OVERSEEING) else there.visible_to(user)

    def of_carer(self, user: User) -> "BookingQuerySet":
        """Limits to the visits ever assigned to a user who is still a carer of the estate; for time and
        reference.
        """
        return self.filter(_of_carer(user))

    def in_hands_of(self, user: User, now: datetime) -> "BookingQuerySet":
        """Limits to the visits of which the carer still needs home, number and answer: open ones, and
        finished ones for ``CONTACT_SHOWN_FOR``.
        """
        return self.filter(_in_hands_of(user, now))

    def of_household(self, user: User) -> "BookingQuerySet":
        """Limits to the bookings of the user and of the residents they act for."""
        return self.filter(resident__in=access_of(user).people(KEY))

    def open(self) -> "BookingQuerySet":
        """Limits to bookings that are booked or under way."""
        return self.filter(status__in=CareBooking.OPEN)

    def of_days(self, first: date, days: int = 1) -> "BookingQuerySet":
        """Limits to bookings that begin on these ``days`` days from ``first``."""
        begins = clock.midnight(first)
        return self.filter(
            place__slot__starts_at__gte=begins, place__slot__starts_at__lt=begins + timedelta(days=days)
        )

    def served(self, now: datetime) -> "BookingQuerySet":
        """Limits to bookings without a carer, such as meals, whose time is over: nobody reports them as done."""
        return self.filter(status=Status.BOOKED, service__needs_carer=False, place__slot__ends_at__lte=now)

    def with_people(self) -> "BookingQuerySet":
        """Joins everything that a row of a list shows, in one query."""
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

    def with_visit(self) -> "BookingQuerySet":
        """Joins what a resident's list shows: the service, its time, who gets it and who comes."""
        return self.select_related("service", "place__slot", "resident", "carer")

    def by_time(self) -> "BookingQuerySet":
        """Orders by the booked time."""
        return self.order_by("place__slot__starts_at", "pk")


def new_start_code() -> str:
    """Returns four random digits that a resident can say at the door."""
    return f"{secrets.randbelow(10_000):04d}"


class CareBooking(Request):
    """A visit or a meal for one person at one time (服务预约).

    Its time is stored in the slot of its place only. ``description`` is the answer to the service's question.
    The start code is known to the resident: said at the door, it proves that the carer was there.
    """

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        # A step from booked to booked changes the carer or the time.
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
    # Price in fen, as shown at the booking.
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
            models.Index(fields=["estate", "-created_at", "-id"], name="care_by_booking"),
            models.Index(fields=["-created_at", "-id"], name="care_newest_first"),
            # Ends of references, as they are said on the phone.
            models.Index(LastFour("reference"), F("created_at").desc(), F("id").desc(), name="care_by_end"),
        ]

    @property
    def starts_at(self) -> datetime:
        return self.place.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.place.slot.ends_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether the visit is under way for more than ``OVERDUE_FACTOR`` times its length."""
        lasts = self.place.slot.ends_at - self.place.slot.starts_at
        return self.status == Status.UNDER_WAY and now - self.status_changed_at > OVERDUE_FACTOR * lasts

    @property
    def live_topic(self) -> str:
        return f"care:{self.pk}"

    def history_fields(self) -> dict[str, Any]:
        return {
            "carer_name": self.carer.name if self.carer else "",
            "starts_at": self.starts_at,
        }


class CareBookingChange(StatusChange):
    """A step of a booking, with carer and time after it."""

    booking = models.ForeignKey(CareBooking, on_delete=models.CASCADE, related_name="history")
    carer_name = EncryptedCharField(max_length=40, blank=True, was_clear=True)
    starts_at = models.DateTimeField()
