from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User, access_of
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.transitions import StatusChange
from community.estates.models import Entrance, Estate, Home
from services.common.models import Alarm, Request
from services.common.models.requests import TAKE_BACK
from services.help.duty_roster import estates_on_duty
from services.help.roles import OVERSEEING

# Interval between notified people on duty while no one answers; after 30 levels all were notified several
# times.
NEXT_PERSON_AFTER = timedelta(seconds=60)
# Time without an answer after which the family is notified too.
FAMILY_AFTER = NEXT_PERSON_AFTER
MAX_LEVELS = 30
# Time after the last level in which failed steps are tried again.
GRACE = timedelta(minutes=10)
# Time after a responder set off at which the resident may call again.
AGAIN_AFTER = timedelta(minutes=10)
# Time after a responder set off at which the outcome is overdue.
OVERDUE_AFTER = timedelta(minutes=30)
# Times of reminders after a responder set off. The first only shows the button on open pages.
REMINDED_AFTER = (AGAIN_AFTER, *(number * OVERDUE_AFTER for number in range(1, 5)))
# Time after the end in which people who answered still see the call, and the desk the family's numbers.
SEEN_AFTER = timedelta(days=1)
OPEN = ["calling", "coming"]


class Status(models.TextChoices):
    CALLING = "calling", _("calling")
    COMING = "coming", _("somebody is coming")
    CANCELLED = "cancelled", _("taken back")
    ENDED = "ended", _("ended")


def residents_called_for(user: User) -> "models.QuerySet[User]":
    """Returns residents for whom this person may call: they gave them a delegation for any service."""
    return User.objects.filter(pk__in=access_of(user).acts_for_in_any())


def _seen_at_work(user: User, now: datetime, on_duty: Collection[int] | None = None) -> Q:
    """Limits to calls of estates that the user oversees, and of which they are on duty, notified or
    responder.

    The latter are seen until ``SEEN_AFTER`` after their end.
    """
    notified = HelpStep.objects.filter(call=OuterRef("pk"), told=user)
    working = access_of(user).estates()
    is_fresh = ~Q(status=Status.ENDED) | Q(status_changed_at__gt=now - SEEN_AFTER)
    on_duty = estates_on_duty(user, now) if on_duty is None else on_duty
    concerned = Q(estate__in=on_duty) | Q(estate__in=working) & (Q(responder=user) | Q(Exists(notified)))
    return Q(estate__in=access_of(user).estates(*OVERSEEING)) | is_fresh & concerned


def _of_family(user: User) -> Q:
    access = access_of(user)
    of_household = access.since_moving_in() & Q(resident__in=household_of(user))
    of_others = Q(resident__in=access.acts_for_in_any()) | of_household
    return Q(resident=user) | Q(is_drill=False) & of_others


class HelpCallQuerySet(models.QuerySet["HelpCall"]):
    def visible_to(self, user: User, now: datetime) -> "HelpCallQuerySet":
        """Limits to calls of the user and their family, and to those that they see at work at ``now``."""
        return self.filter(_of_family(user) | _seen_at_work(user, now))

    def answered_by(
        self, user: User, now: datetime, on_duty: Collection[int] | None = None
    ) -> "HelpCallQuerySet":
        """Limits to calls that the user sees at work at ``now``; ``on_duty`` are the estates in whose roster
        they are, if known already.
        """
        return self.filter(_seen_at_work(user, now, on_duty))

    def of_family(self, user: User) -> "HelpCallQuerySet":
        """Limits to calls of the user, of residents whose delegate they are, and of people who live with
        them; no drills.
        """
        return self.filter(_of_family(user))

    def open(self) -> "HelpCallQuerySet":
        """Limits to calls that are unanswered or have a responder on the way."""
        return self.filter(status__in=OPEN)

    def unfinished(self) -> "HelpCallQuerySet":
        """Limits to calls that are not ended, including those that were taken back."""
        return self.exclude(status=Status.ENDED)

    def unanswered(self) -> "HelpCallQuerySet":
        """Limits to calls without an answer."""
        return self.filter(status=Status.CALLING)

    def escalating(self, now: datetime) -> "HelpCallQuerySet":
        """Limits to unanswered calls that have people left to notify; real ones before drills, the newest
        first.
        """
        calls = self.unanswered().annotate(begun_at=Coalesce("pressed_again_at", "created_at"))
        is_exhausted = Q(
            escalation_level__gte=MAX_LEVELS, begun_at__lt=now - MAX_LEVELS * NEXT_PERSON_AFTER - GRACE
        )
        return calls.exclude(is_exhausted).order_by("is_drill", "-begun_at", "-pk")

    def to_remind(self, now: datetime) -> "HelpCallQuerySet":
        """Limits to calls whose next reminder of the outcome is due, the newest first; no drills."""
        due = Q()
        for number, after in enumerate(REMINDED_AFTER):
            due |= Q(reminded=number, status_changed_at__lte=now - after)
        return self.filter(due, status=Status.COMING, is_drill=False).order_by("-status_changed_at", "-pk")

    def with_people(self) -> "HelpCallQuerySet":
        """Joins everything that a list shows, in one query."""
        return self.select_related(
            "resident",
            "reported_by",
            "responder",
            "estate",
            "home__entrance__building__estate",
            "entrance__building",
            "alarm__raised_by",
        )


def household_of(user: User) -> "models.QuerySet[User]":
    """Returns people who live with this person. Landlord and tenant of a home are not each other's family."""
    family, owner, tenant = Residency.Kind.FAMILY, Residency.Kind.OWNER, Residency.Kind.TENANT
    mine: dict[str, list[int]] = {kind: [] for kind in Residency.Kind.values}
    for one in access_of(user).living():
        mine[one.kind].append(one.home_id)
    living = Residency.objects.active().filter(
        Q(home__in=mine[family])
        | Q(home__in=mine[owner], kind__in=[owner, family])
        | Q(home__in=mine[tenant], kind__in=[tenant, family])
    )
    return User.objects.filter(pk__in=living.values("user")).exclude(pk=user.pk)


class HelpCall(Request):
    """A press of the red button: a person must go and look.

    ``description`` is the text of the caller or the desk; ``words`` describe the outcome.
    """

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        # Called again because the responder has not come.
        Status.CALLING: {Status.CALLING, Status.COMING, Status.CANCELLED},
        Status.COMING: {Status.CALLING, Status.COMING, Status.CANCELLED, Status.ENDED},
        # Called again within minutes of being taken back.
        Status.CANCELLED: {Status.CALLING, Status.ENDED},
        Status.ENDED: set(),
    }

    class Outcome(models.TextChoices):
        HELPED = "helped", _("helped on the spot")
        HOSPITAL = "hospital", _("ambulance or hospital")
        FAMILY = "family", _("the family took over")
        MISTAKE = "mistake", _("pressed by mistake")
        NOBODY = "nobody", _("nobody was there")
        OTHER = "other", _("something else")
        DRILL = "drill", _("drill finished")

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    home = models.ForeignKey(
        Home,
        verbose_name=_("home"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="help_calls",
    )
    entrance = models.ForeignKey(
        Entrance,
        verbose_name=_("entrance"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_drill = models.BooleanField(_("drill"), default=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.CALLING)
    responder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who goes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="help_answered",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # Number of calls for help; each round notifies everyone again, from the first on.
    round = models.PositiveSmallIntegerField(_("times called"), default=1)
    pressed_again_at = models.DateTimeField(_("called again"), null=True, blank=True)
    # Number of people on duty notified in this round, one after another.
    escalation_level = models.PositiveSmallIntegerField(_("people told"), default=0)
    # Number of times in REMINDED_AFTER that have passed.
    reminded = models.PositiveSmallIntegerField(default=0, editable=False)
    # Number of additions; a changed number means that a read row is out of date.
    additions = models.PositiveSmallIntegerField(default=0, editable=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    words = EncryptedTextField(_("what had happened"), blank=True)
    alarm = models.OneToOneField(
        Alarm, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="help_call"
    )

    objects = HelpCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("help call")
        verbose_name_plural = _("help calls")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="help_reference_once"),
            models.UniqueConstraint(
                fields=["resident", "is_drill"], condition=Q(status__in=OPEN), name="help_one_open_call"
            ),
            models.CheckConstraint(
                condition=~Q(status="coming") | Q(responder__isnull=False), name="help_coming_is_somebody"
            ),
            models.CheckConstraint(
                condition=Q(status="ended") & ~Q(outcome="") | ~Q(status="ended") & Q(outcome=""),
                name="help_ended_with_outcome",
            ),
            models.CheckConstraint(condition=Q(home=None) | Q(entrance=None), name="help_in_one_place"),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"], name="help_unanswered"),
            models.Index(fields=["estate", "-created_at", "-id"], name="help_of_estate"),
            models.Index(fields=["resident", "-created_at", "-id"], name="help_of_resident"),
        ]

    @property
    def where(self) -> Home | Entrance | Estate:
        return self.home or self.entrance or self.estate

    @property
    def live_topic(self) -> str:
        return f"help:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def shows_family(self, now: datetime) -> bool:
        """Whether people who answer still need the numbers of the family."""
        is_fresh = self.status != Status.ENDED or now - self.status_changed_at < SEEN_AFTER
        return is_fresh and not self.is_drill

    @property
    def called_at(self) -> datetime:
        """Returns the time of the last call for help, from which all due times are counted."""
        return self.pressed_again_at or self.created_at

    def key_of(self, step: str) -> str:
        """Returns the key of a step in this round of calling."""
        return step if self.round == 1 else f"{step}:r{self.round}"

    def is_overdue(self, now: datetime) -> bool:
        """Whether the responder set off long ago and the outcome is missing."""
        return self.status == Status.COMING and now - self.status_changed_at >= OVERDUE_AFTER

    def may_be_called_again(self, now: datetime) -> bool:
        """Whether the responder should have arrived, or all were notified without an answer; never a drill."""
        if self.is_drill:
            return False
        if self.status == Status.COMING:
            return now - self.status_changed_at >= AGAIN_AFTER
        is_exhausted = (
            self.escalation_level >= MAX_LEVELS or now - self.called_at >= MAX_LEVELS * NEXT_PERSON_AFTER
        )
        return self.status == Status.CALLING and is_exhausted

    def may_be_taken_back(self, now: datetime) -> bool:
        """Whether the call is open and at most ``TAKE_BACK`` old."""
        return self.is_open and now - self.called_at <= TAKE_BACK

    def history_fields(self) -> dict[str, Any]:
        return {"responder_name": self.responder.name if self.responder else ""}


class HelpChange(StatusChange):
    """A step of a call."""

    call = models.ForeignKey(HelpCall, on_delete=models.CASCADE, related_name="history")
    responder_name = EncryptedCharField(max_length=40, blank=True, was_clear=True)
    # Whether something was added without a change of status; ``place`` is the new home, if any.
    is_addition = models.BooleanField(default=False)
    place = EncryptedCharField(_("where"), max_length=120, blank=True, was_clear=True)


class HelpStep(models.Model):
    """A message or reminder that was due on a call; its unique key makes it happen once."""

    call = models.ForeignKey(HelpCall, on_delete=models.CASCADE, related_name="steps")
    key = models.CharField(_("step"), max_length=40)
    told = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who was told"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="help_step_once")]

    def __str__(self) -> str:
        return f"{self.call} {self.key}"

    @property
    def is_reminder(self) -> bool:
        return self.key.startswith("remind")

    @property
    def is_of_family(self) -> bool:
        return self.key.startswith("family")
