from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Delegation, Residency, User
from accounts.policies import estates_of
from community.core.encryption import EncryptedTextField
from community.core.transitions import StatusChange
from community.estates.models import Entrance, Estate, Home
from services.common.models import Alarm, Request
from services.common.models.requests import TAKE_BACK
from services.help.duty import estates_on_duty
from services.help.roles import OVERSEEING

# While nobody answers, the next on duty is told, for half an hour: then everybody was told several times.
EVERY = timedelta(seconds=60)
MOST_LEVELS = 30
# What could not be done in that time is tried for a while longer.
GRACE = timedelta(minutes=10)
# So long after somebody set off one may say that nobody has come, and call again.
AGAIN_AFTER = timedelta(minutes=10)
# Somebody goes, and so long nobody has written how it ended.
OVERDUE_AFTER = timedelta(minutes=30)
# First the open pages show the button; then who goes and the desk are reminded, a few times.
REMINDED_AFTER = (AGAIN_AFTER, *(number * OVERDUE_AFTER for number in range(1, 5)))
# So long after its end those who answered a call still see it, and the desk the numbers of the family.
SEEN_AFTER = timedelta(days=1)
OPEN = ["calling", "coming"]


class Status(models.TextChoices):
    CALLING = "calling", _("calling")
    COMING = "coming", _("somebody is coming")
    CANCELLED = "cancelled", _("taken back")
    ENDED = "ended", _("ended")


def residents_called_for(user: User) -> "models.QuerySet[User]":
    """For whom this person may call for help: whoever has given them any delegation."""
    return User.objects.filter(pk__in=Delegation.objects.active().filter(delegate=user).values("resident"))


def _at_work(user: User, now: datetime) -> Q:
    """The desk's; and, until a day after their end, those of who is on duty, was told of them, or goes."""
    told = HelpStep.objects.filter(call=OuterRef("pk"), told=user)
    working = estates_of(user)
    is_fresh = ~Q(status=Status.ENDED) | Q(status_changed_at__gt=now - SEEN_AFTER)
    concerned = Q(estate__in=estates_on_duty(user, now)) | Q(estate__in=working) & (
        Q(responder=user) | Q(Exists(told))
    )
    return Q(estate__in=estates_of(user, *OVERSEEING)) | is_fresh & concerned


class HelpCallQuerySet(models.QuerySet["HelpCall"]):
    def visible_to(self, user: User, now: datetime) -> "HelpCallQuerySet":
        """One's own and one's family's; at work, what staff see there."""
        own = HelpCall.objects.of_family(user).values("pk")
        return self.filter(Q(pk__in=own) | _at_work(user, now))

    def answered_by(self, user: User, now: datetime) -> "HelpCallQuerySet":
        """Those that this person sees at work."""
        return self.filter(_at_work(user, now))

    def of_family(self, user: User) -> "HelpCallQuerySet":
        """One's own, of whom one acts for, and of those one lives with. No drill is."""
        lives_there = Residency.objects.active_at(OuterRef("created_at")).filter(
            user=user, home=OuterRef("home")
        )
        of_household = Exists(lives_there) & Q(resident__in=household_of(user))
        return self.filter(
            Q(resident=user)
            | Q(is_drill=False, resident__in=residents_called_for(user))
            | Q(is_drill=False) & of_household
        )

    def open(self) -> "HelpCallQuerySet":
        """Somebody waits, or somebody is coming."""
        return self.filter(status__in=OPEN)

    def to_see_to(self) -> "HelpCallQuerySet":
        """What staff have not brought to its end; one that was taken back too."""
        return self.exclude(status=Status.ENDED)

    def unanswered(self) -> "HelpCallQuerySet":
        return self.filter(status=Status.CALLING)

    def escalating(self, now: datetime) -> "HelpCallQuerySet":
        """Unanswered, and somebody is left to be told; in earnest before drills, the newest first."""
        begun = self.unanswered().annotate(begun_at=Coalesce("pressed_again_at", "created_at"))
        is_through = Q(escalation_level__gte=MOST_LEVELS, begun_at__lt=now - MOST_LEVELS * EVERY - GRACE)
        return begun.exclude(is_through).order_by("is_drill", "-begun_at", "-pk")

    def to_remind(self, now: datetime) -> "HelpCallQuerySet":
        """Somebody set off, and nobody has written how it ended; the newest first. No drill is."""
        due = Q()
        for number, after in enumerate(REMINDED_AFTER):
            due |= Q(reminded=number, status_changed_at__lte=now - after)
        return self.filter(due, status=Status.COMING, is_drill=False).order_by("-status_changed_at", "-pk")

    def with_people(self) -> "HelpCallQuerySet":
        """Everything that a line of a list shows, in one query."""
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
    """Who lives with this person. Landlord and tenant of a home are not each other's family."""
    mine = Residency.objects.active().filter(user=user)
    family, owner, tenant = Residency.Kind.FAMILY, Residency.Kind.OWNER, Residency.Kind.TENANT
    living = Residency.objects.active().filter(
        Q(home__in=mine.filter(kind=family).values("home"))
        | Q(home__in=mine.filter(kind=owner).values("home"), kind__in=[owner, family])
        | Q(home__in=mine.filter(kind=tenant).values("home"), kind__in=[tenant, family])
    )
    return User.objects.filter(pk__in=living.values("user")).exclude(pk=user.pk)


class HelpCall(Request):
    """The big red button was pressed: somebody has to go and look.

    ``description`` is what the desk was told on the phone; ``words`` what had happened.
    """

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        # Back to calling, or calling once more: nobody has come, and they pressed again.
        Status.CALLING: {Status.CALLING, Status.COMING, Status.CANCELLED},
        Status.COMING: {Status.CALLING, Status.COMING, Status.CANCELLED, Status.ENDED},
        # Called again a few minutes after it was taken back.
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
    # How often help was called for: each time everybody is told anew, from the first on.
    round = models.PositiveSmallIntegerField(_("times called"), default=1)
    pressed_again_at = models.DateTimeField(_("called again"), null=True, blank=True)
    # How many of those on duty have been told in this round, one after another.
    escalation_level = models.PositiveSmallIntegerField(_("people told"), default=0)
    # How many of REMINDED_AFTER have passed since somebody set off.
    reminded = models.PositiveSmallIntegerField(default=0, editable=False)
    # How often another home or more words were said: what was read is told from what stands.
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
        """Whether those who answer need the numbers of the family (still)."""
        is_fresh = self.status != Status.ENDED or now - self.status_changed_at < SEEN_AFTER
        return is_fresh and not self.is_drill

    @property
    def called_at(self) -> datetime:
        """When they last called for help: the clock of everything that is due while nobody answers."""
        return self.pressed_again_at or self.created_at

    def key_of(self, step: str) -> str:
        """The key of a step in this round of calling."""
        return step if self.round == 1 else f"{step}:r{self.round}"

    def is_overdue(self, now: datetime) -> bool:
        """Somebody set off long ago, and nobody has written how it ended."""
        return self.status == Status.COMING and now - self.status_changed_at >= OVERDUE_AFTER

    def may_be_called_again(self, now: datetime) -> bool:
        """Who was to come should be there by now; or all were told, and nobody has answered. No drill is."""
        if self.is_drill:
            return False
        if self.status == Status.COMING:
            return now - self.status_changed_at >= AGAIN_AFTER
        is_through = self.escalation_level >= MOST_LEVELS or now - self.called_at >= MOST_LEVELS * EVERY
        return self.status == Status.CALLING and is_through

    def may_be_taken_back(self, now: datetime) -> bool:
        return self.is_open and now - self.called_at <= TAKE_BACK

    def history_fields(self) -> dict[str, Any]:
        return {"responder_name": self.responder.name if self.responder else ""}


class HelpChange(StatusChange):
    """A step of a call's life."""

    call = models.ForeignKey(HelpCall, on_delete=models.CASCADE, related_name="history")
    responder_name = models.CharField(max_length=40, blank=True)
    # Pressed once more while it was open: the state stayed; ``place`` if it was from another home.
    is_addition = models.BooleanField(default=False)
    place = models.CharField(_("where"), max_length=120, blank=True)


class HelpStep(models.Model):
    """Something that was due while nobody answered, or nobody said how it ended, done exactly once: by its key."""

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
