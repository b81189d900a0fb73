from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User, access_of
from accounts.policies import Role, has_role
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.search.references import LastFour
from community.core.transitions import StatusChange
from community.estates.models import Estate, Home, PublicPlace
from services.common.models import Alarm, Request, Satisfaction
from services.fees.models import Bill
from services.repairs import KEY
from services.repairs.models.catalogue import RepairCategory
from services.repairs.roles import OVERSEEING

# Time after which a finished repair is closed if it is not contradicted.
CLOSES_AFTER = timedelta(days=7)


class Status(models.TextChoices):
    NEW = "new", _("reported")
    ACCEPTED = "accepted", _("accepted")
    ASSIGNED = "assigned", _("assigned")
    IN_WORK = "in_work", _("being mended")
    WAITING_FOR_PARTS = "waiting_for_parts", _("waiting for parts")
    WAITING_FOR_RESIDENT = "waiting_for_resident", _("waiting for you")
    QUOTED = "quoted", _("waiting for your yes to the price")
    DONE = "done", _("mended")
    REOPENED = "reopened", _("not mended yet")
    CONFIRMED = "confirmed", _("confirmed")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    DECLINED = "declined", _("declined")


def _since_moving_in(user: User) -> Q:
    """Limits to repairs of the user's homes since they moved in; earlier ones belong to the former household."""
    return access_of(user).since_moving_in()


def _lived_there_until_finished() -> Q:
    """Excludes repairs of a home that the resident left before they were finished.

    Such a repair belongs to the next household: its pictures show the inside of their home.
    """
    finished = Q(status__in=Repair.FINISHED)
    lived = Residency.objects.filter(user=OuterRef("resident"), home=OuterRef("home"))
    left = lived.filter(status=Residency.Status.ENDED)
    left_since = Exists(left.filter(status_changed_at__gte=OuterRef("created_at")))
    left_after_the_end = Exists(left.filter(status_changed_at__gte=OuterRef("status_changed_at")))
    lives_there = Exists(lived.active())
    return Q(home=None) | ~Q(left_since) | Q(lives_there) | finished & Q(left_after_the_end)


def _of_resident_or_delegate(user: User) -> Q:
    """Limits to repairs of the user and of residents whose delegate they are now."""
    return Q(resident__in=access_of(user).people(KEY)) & _lived_there_until_finished()


class RepairQuerySet(models.QuerySet["Repair"]):
    def visible_to(self, user: User) -> "RepairQuerySet":
        """Limits to repairs of the user, their homes and their delegations, and to those that a role shows.

        Having reported a repair for another person gives no right: the delegation or role must still be
        valid. Former residents see only repairs that were finished before they left. Repair workers see their
        own jobs and those that wait for a worker.
        """
        access = access_of(user)
        working = access.estates(Role.REPAIR_WORKER)
        return self.filter(
            _of_resident_or_delegate(user)
            | _since_moving_in(user)
            | Q(estate__in=access.estates(*OVERSEEING))
            | Q(worker=user, estate__in=working)
            | Q(estate__in=working, status__in=Repair.TAKEABLE)
        )

    def visible_in(self, user: User, estate: Estate) -> "RepairQuerySet":
        """Limits to repairs of this estate that ``visible_to`` shows: all, to those who oversee it."""
        there = self.filter(estate=estate)
        return there if has_role(user, estate.pk, *OVERSEEING) else there.visible_to(user)

    def of_household(self, user: User) -> "RepairQuerySet":
        """Limits to repairs of the user, their homes and their delegations, without those that a role shows."""
        return self.filter(_of_resident_or_delegate(user) | _since_moving_in(user))

    def open(self) -> "RepairQuerySet":
        """Limits to repairs that are not finished."""
        return self.exclude(status__in=Repair.FINISHED)

    def takeable(self) -> "RepairQuerySet":
        """Limits to accepted or reopened repairs without a worker."""
        return self.filter(status__in=Repair.TAKEABLE, worker=None)

    def in_hand(self) -> "RepairQuerySet":
        """Limits to repairs that a worker still has to do."""
        return self.filter(status__in=Repair.IN_HAND)

    def to_close(self, now: datetime) -> "RepairQuerySet":
        """Limits to finished repairs that were not contradicted within ``CLOSES_AFTER``."""
        return self.filter(status=Status.DONE, status_changed_at__lte=now - CLOSES_AFTER)

    def with_card(self) -> "RepairQuerySet":
        """Joins what the board and the list of repairs show: what, where, who it is for and who does it."""
        return self.select_related("category", "place", "home__entrance__building", "resident", "worker")

    def with_people(self) -> "RepairQuerySet":
        """Joins everything that a page shows of a repair, in one query."""
        return self.select_related(
            "category__parent",
            "resident",
            "reported_by",
            "worker",
            "place",
            "home__entrance__building",
            "estate",
        )


class Repair(Request):
    """A request to mend a defect, in a home or in a shared area."""

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        Status.NEW: {Status.ACCEPTED, Status.ASSIGNED, Status.DECLINED, Status.CANCELLED},
        Status.ACCEPTED: {Status.ASSIGNED, Status.DECLINED, Status.CANCELLED},
        Status.ASSIGNED: {
            Status.ACCEPTED,
            Status.ASSIGNED,
            Status.IN_WORK,
            Status.DECLINED,
            Status.CANCELLED,
        },
        Status.IN_WORK: {Status.WAITING_FOR_PARTS, Status.WAITING_FOR_RESIDENT, Status.QUOTED, Status.DONE},
        Status.WAITING_FOR_PARTS: {Status.IN_WORK, Status.ASSIGNED, Status.CANCELLED},
        Status.WAITING_FOR_RESIDENT: {Status.IN_WORK, Status.ASSIGNED, Status.CANCELLED},
        Status.QUOTED: {Status.IN_WORK, Status.CANCELLED},
        Status.DONE: {Status.CONFIRMED, Status.REOPENED, Status.CLOSED},
        Status.REOPENED: {Status.ACCEPTED, Status.ASSIGNED, Status.DECLINED, Status.CANCELLED},
        Status.CONFIRMED: set(),
        Status.CLOSED: set(),
        Status.CANCELLED: set(),
        Status.DECLINED: set(),
    }
    FINISHED = (Status.CONFIRMED, Status.CLOSED, Status.CANCELLED, Status.DECLINED)
    TAKEABLE = (Status.ACCEPTED, Status.REOPENED)
    IN_HAND = (
        Status.ASSIGNED,
        Status.IN_WORK,
        Status.WAITING_FOR_PARTS,
        Status.WAITING_FOR_RESIDENT,
        Status.QUOTED,
    )

    class Suits(models.TextChoices):
        ANY = "any", _("any time")
        MORNING = "morning", _("mornings")
        AFTERNOON = "afternoon", _("afternoons")
        EVENING = "evening", _("after 18:00")
        WEEKEND = "weekend", _("weekends")

    category = models.ForeignKey(
        RepairCategory, verbose_name=_("what"), on_delete=models.PROTECT, related_name="repairs"
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), null=True, blank=True, on_delete=models.PROTECT, related_name="repairs"
    )
    place = models.ForeignKey(
        PublicPlace,
        verbose_name=_("public place"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="repairs",
    )
    suits = models.CharField(_("when it suits"), max_length=10, choices=Suits, default=Suits.ANY)
    is_emergency = models.BooleanField(_("emergency"), default=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.NEW)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("worker"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="jobs",
    )
    quote_fen = models.PositiveIntegerField(_("quoted price in fen"), null=True, blank=True)
    quote_words = EncryptedTextField(_("what the price is for"), blank=True)
    # The price that the resident's side last said yes to, and its words; a later price may be refused.
    agreed_fen = models.PositiveIntegerField(_("agreed price in fen"), null=True, blank=True)
    agreed_words = EncryptedTextField(blank=True)
    # The part of it that has become bills. A voided bill stays counted: it is not made again.
    charged_fen = models.PositiveIntegerField(_("billed in fen"), default=0)
    # The last of these bills; none while fees are switched off.
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    alarm = models.OneToOneField(
        Alarm, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="repair"
    )
    satisfaction = models.OneToOneField(
        Satisfaction, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="repair"
    )

    objects = RepairQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="repair_reference_once"),
            models.CheckConstraint(
                condition=Q(home__isnull=False, place=None) | Q(home=None, place__isnull=False),
                name="repair_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(worker__isnull=False)
                | ~Q(
                    status__in=[
                        "assigned",
                        "in_work",
                        "waiting_for_parts",
                        "waiting_for_resident",
                        "quoted",
                        "done",
                        "confirmed",
                        "closed",
                    ]
                ),
                name="repair_work_has_worker",
            ),
            models.CheckConstraint(
                condition=Q(quote_fen__gt=0) | Q(quote_fen=None), name="repair_quote_positive"
            ),
            models.CheckConstraint(
                condition=Q(agreed_fen__gt=0) | Q(agreed_fen=None), name="repair_agreed_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "-created_at", "-id"], name="repair_of_resident"),
            models.Index(fields=["estate", "status", "-created_at"], name="repair_on_board"),
            models.Index(fields=["worker", "status"], name="repair_of_worker"),
            models.Index(fields=["estate", "-created_at", "-id"], name="repair_of_estate"),
            models.Index(fields=["-created_at", "-id"], name="repair_newest_first"),
            # Ends of references, as they are said on the phone.
            models.Index(LastFour("reference"), F("created_at").desc(), F("id").desc(), name="repair_by_end"),
        ]

    @property
    def where(self) -> Home | PublicPlace:
        return self.home or self.place  # type: ignore[return-value]  # (the constraint has one of them)

    @property
    def live_topic(self) -> str:
        return f"repair:{self.pk}"

    def history_fields(self) -> dict[str, Any]:
        return {"worker_name": self.worker.name if self.worker else ""}


class RepairChange(StatusChange):
    """A step of a repair."""

    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="history")
    # Name of the worker after this step: the status "assigned" alone does not name them.
    worker_name = EncryptedCharField(max_length=40, blank=True, was_clear=True)
    # The price that was asked or answered in this step.
    price_fen = models.PositiveIntegerField(null=True, blank=True)
    # A later price was refused, and the work went on at the one agreed before.
    is_refusal = models.BooleanField(default=False)
