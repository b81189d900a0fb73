"""Residencies, the roster and delegations."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.access import access_of
from accounts.models.people import StaffRole, User, masked_number, national_number
from community.core import clock
from community.core.encryption import (
    BlindIndexField,
    EncryptedCharField,
    EncryptedIntegerField,
    EncryptedTextField,
    blind_indexes,
)
from community.core.search.keys import LINE, Searched, SearchedQuerySet, sealed
from community.core.search.names import person_keys
from community.core.services import declared
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from community.estates.working_time import add_working_minutes

FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1900, 2100
# Operators reassign numbers, so an entry older than this no longer opens a home to a first sign-in.
FRESH_FOR = timedelta(days=180)
# Working minutes within which the desk answers a request.
ANSWER_MINUTES = 8 * 60
MONTHS_A_YEAR = 12


class Kind(models.TextChoices):
    OWNER = "owner", _("owner")
    TENANT = "tenant", _("tenant")
    FAMILY = "family", _("family")


class Checked(models.TextChoices):
    """Evidence that staff checked before changing a resident or a number."""

    ID_CARD = "id_card", _("identity card seen")
    CALLED_BACK = "called_back", _("called back on the old number")
    DEED = "deed", _("deed or contract seen")
    KNOWN = "known", _("came in person and is known")
    SHEET = "sheet", _("the estate's sheet")


class RosterQuerySet(SearchedQuerySet["RosterEntry"]):
    def with_phone(self, phone: str) -> "RosterQuerySet":
        """Limits to entries with this number (E.164); an empty number matches nothing."""
        return self.filter(phone_index__in=blind_indexes(phone)) if phone else self.none()

    def standing(self) -> "RosterQuerySet":
        """Leaves out the entries of people who have moved out."""
        return self.filter(ended_at=None)

    def of_estates(self, estates: "models.QuerySet[Estate]") -> "RosterQuerySet":
        """Limits to entries of these estates."""
        return self.filter(home__entrance__building__estate__in=estates)


class RosterEntry(Searched):
    """An entry of the estate's own roster: a person of a home and their number.

    Entries without a mobile number open nothing; a couple with one phone has two entries. An entry is kept as
    ended when the person moves out, and its number no longer opens the home.
    """

    search_kind = LINE
    search_columns = ("name", "phone", "landline")

    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.CASCADE, related_name="roster")
    name = EncryptedCharField(_("name"), max_length=40, was_clear=True)
    name_index = BlindIndexField(of="name", default="")
    phone = EncryptedTextField(_("mobile number"), blank=True)
    # Empty without a number, never null, so that comparing two empty ones is never NULL.
    phone_index = BlindIndexField(of="phone")
    # Number as dialled; used neither for messages nor for signing in.
    landline = EncryptedTextField(_("landline"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OWNER)
    # Year only, where the estate knows it; used to count how many older residents are reached.
    birth_year = EncryptedIntegerField(
        _("year of birth"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FIRST_BIRTH_YEAR), MaxValueValidator(LAST_BIRTH_YEAR)],
        was_clear=True,
    )

    confirmed_at = models.DateTimeField(_("last confirmed"), default=clock.now, editable=False)
    ended_at = models.DateTimeField(_("moved out"), null=True, blank=True, editable=False)

    objects = RosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("roster")
        ordering = ["home", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["home", "phone_index", "name_index"], name="roster_person_once_a_home"
            ),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="roster_by_phone"),
            models.Index(fields=["name_index"], name="roster_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.home} {self.name}"

    @property
    def phone_national(self) -> str:
        return national_number(self.phone)

    @property
    def masked_phone(self) -> str:
        """Number as in ``User.masked_phone``."""
        return masked_number(self.phone)

    @staticmethod
    def search_keys(*columns: str) -> set[str]:
        return sealed(person_keys(*columns))

    def opens_home_to(self, user: User, now: datetime) -> bool:
        """Whether the entry stands and is fresh, or the user's number was first checked while it was fresh."""
        if self.ended_at is not None or user.phone_verified_at is None:
            return False
        stale_at = self.confirmed_at + FRESH_FOR
        return now < stale_at or user.phone_verified_at < stale_at


class ResidencyQuerySet(models.QuerySet["Residency"]):
    def active(self) -> "ResidencyQuerySet":
        """Limits to confirmed residencies that have not ended."""
        return self.filter(status=Residency.Status.ACTIVE)

    def active_at(self, made: OuterRef) -> "ResidencyQuerySet":
        """Limits to residencies that were already active at ``made``, the time of a row of the outer query.

        Counts from the confirmation, not from the request: until then the home was the former household's.
        """
        return self.active().filter(status_changed_at__lte=made)

    def requested(self) -> "ResidencyQuerySet":
        """Limits to requests waiting for an answer."""
        return self.filter(status=Residency.Status.REQUESTED)

    def of_estates(self, estates: "models.QuerySet[Estate]") -> "ResidencyQuerySet":
        """Limits to residencies in these estates."""
        return self.filter(home__entrance__building__estate__in=estates)

    def visible_to(self, user: User) -> "ResidencyQuerySet":
        """Limits to the user's own residencies and those of estates where they check residencies."""
        checking = access_of(user).estates(*StaffRole.DESK, StaffRole.Role.AUDITOR)
        return self.filter(Q(user=user) | Q(home__entrance__building__estate__in=checking))


class Residency(HasStatus):
    """A person lives in or owns a home; requested by the person or given by the roster."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("waiting for approval")
        ACTIVE = "active", _("confirmed")
        DECLINED = "declined", _("declined")
        ENDED = "ended", _("ended")

    TRANSITIONS: dict[str, set[str]] = {
        Status.REQUESTED: {Status.ACTIVE, Status.DECLINED, Status.ENDED},
        Status.ACTIVE: {Status.ENDED},
        Status.DECLINED: set(),
        Status.ENDED: set(),
    }
    Kind = Kind

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="residencies"
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="residencies"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.REQUESTED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked for"))
    # Note of the person, to help staff recognise them.
    words = EncryptedTextField(_("note"), blank=True)

    objects = ResidencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("residency")
        verbose_name_plural = _("residencies")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "home"],
                condition=Q(status__in=["requested", "active"]),
                name="residency_once_a_home",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.home}"

    @property
    def answer_by(self) -> datetime:
        """Time by which the desk answers the request: one working day after it was made."""
        return add_working_minutes(self.home.estate, self.created_at, ANSWER_MINUTES)


class ResidencyChange(StatusChange):
    residency = models.ForeignKey(Residency, on_delete=models.CASCADE, related_name="history")


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def unended(self) -> "DelegationQuerySet":
        """Limits to delegations that nobody has ended; the last day of some may be over."""
        return self.filter(ended_at=None)

    def open(self) -> "DelegationQuerySet":
        """Limits to delegations that are offered or active. The last day counts."""
        return self.unended().filter(Q(ends_on=None) | Q(ends_on__gte=clock.today(clock.now())))

    def over_on(self, day: date) -> "DelegationQuerySet":
        """Limits to delegations whose last day is before this day, and which nobody has ended yet."""
        return self.unended().filter(ends_on__lt=day)

    def accepted(self) -> "DelegationQuerySet":
        """Leaves out offers that were never accepted."""
        return self.exclude(accepted_at=None)

    def offered(self) -> "DelegationQuerySet":
        """Limits to offers that were not accepted; they allow nothing yet."""
        return self.open().filter(accepted_at=None)

    def active(self) -> "DelegationQuerySet":
        """Limits to delegations that are accepted and have not ended."""
        return self.open().accepted()

    def of_services_on(self) -> "DelegationQuerySet":
        """Leaves out delegations for services that are switched off."""
        return self.filter(service__in=[key for key, _label in delegable()])

    def visible_to(self, user: User) -> "DelegationQuerySet":
        """Limits to delegations in which the user is the resident or the delegate."""
        return self.filter(Q(resident=user) | Q(delegate=user))

    def residents_of(self, delegate: User, service: str) -> "models.QuerySet[User]":
        """Returns the residents for whom ``delegate`` may act in this service."""
        return User.objects.filter(pk__in=access_of(delegate).acts_for(service))


class Lasting(models.TextChoices):
    """How long a delegation lasts, as the pages offer it."""

    MONTH = "month", pgettext_lazy("how long", "A month")
    YEAR = "year", pgettext_lazy("how long", "A year")
    GOOD = "good", pgettext_lazy("how long", "For good")

    def last_day(self, today: date) -> date | None:
        """Returns the last day of a delegation that begins today; None for good."""
        if self is Lasting.GOOD:
            return None
        months = today.month + (1 if self is Lasting.MONTH else MONTHS_A_YEAR) - 1
        year, month = today.year + months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1
        return date(year, month, min(today.day, monthrange(year, month)[1]))


def delegable() -> list[tuple[str, Any]]:
    """Returns the services that can be delegated and the person's own settings."""
    allowing = [(one.key, one.delegated.label) for one in declared() if one.delegated]
    return [*allowing, (Delegation.SETTINGS, _("large type and language"))]


class Delegation(models.Model):
    """A resident lets a relative act for them in one service (亲情代办), until either side ends it or its
    last day is over.

    It begins when the delegate accepts. Before that neither side sees the other's name; otherwise an offer
    would reveal the holder of any number.
    """

    # Large type and language, which belong to the person and to no service.
    SETTINGS = "settings"

    resident = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_given")
    delegate = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations_held")
    service = models.CharField(max_length=20, choices=delegable)
    # Relation as either side calls it: 儿子, 妈妈.
    relation = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    # Last day, which counts; None: for good.
    ends_on = models.DateField(pgettext_lazy("delegation", "last day"), null=True, blank=True)
    # Both were told that the last day is near.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("family delegation")
        verbose_name_plural = _("family delegations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "delegate", "service"],
                condition=Q(ended_at=None),
                name="delegation_once",
            ),
            models.CheckConstraint(condition=~Q(resident=models.F("delegate")), name="delegation_to_another"),
        ]
        indexes = [
            models.Index(fields=["ends_on"], condition=Q(ended_at=None), name="delegation_by_last_day"),
        ]

    def __str__(self) -> str:
        return f"{self.resident} → {self.delegate}: {self.get_service_display()}"
