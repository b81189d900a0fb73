"""Notices of the estate to its residents: to all, by building, entrance or home, or to an affected group."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Residency, User, access_of
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Building, Entrance, Estate, Home, HomeQuerySet, new_sign_code
from community.notices.models.readings import NoticeReading
from community.notices.roles import OVERSEEING

TITLE_LENGTH, BODY_LENGTH = 30, 5000


class Status(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("notice", "draft")
    SCHEDULED = "scheduled", pgettext_lazy("notice", "scheduled")
    PUBLISHED = "published", pgettext_lazy("notice", "published")
    WITHDRAWN = "withdrawn", pgettext_lazy("notice", "withdrawn")
    DISCARDED = "discarded", pgettext_lazy("notice", "thrown away")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        """Limits to notices published to a home in which the user lives now, withdrawn ones included."""
        living = access_of(user).living()
        named = NoticePart.objects.filter(
            Q(home__in={one.home_id for one in living})
            | Q(entrance__in={one.home.entrance_id for one in living})
            | Q(building__in={one.home.entrance.building_id for one in living})
        )
        to_all = Q(scope=Notice.Scope.ESTATE, estate__in={one.home.estate.pk for one in living})
        return self.told().filter(to_all | Q(pk__in=named.values("notice")))

    def for_staff(self, user: User) -> "NoticeQuerySet":
        """Limits to notices of estates where the user writes or oversees notices."""
        return self.filter(estate__in=access_of(user).estates(*OVERSEEING))

    def told(self) -> "NoticeQuerySet":
        """Limits to notices that were published, withdrawn ones included."""
        return self.exclude(published_at=None)

    def current(self, now: datetime) -> "NoticeQuerySet":
        """Limits to notices that are published, not withdrawn and not over at ``now``."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), status=Status.PUBLISHED)

    def due(self, now: datetime) -> "NoticeQuerySet":
        """Limits to scheduled notices whose time has come; they may be over if no worker ran for days."""
        return self.filter(status=Status.SCHEDULED, publish_at__lte=now)

    def to_tell(self) -> "NoticeQuerySet":
        """Limits to published notices whose messages are not all queued."""
        return self.filter(status=Status.PUBLISHED, told_at=None)

    def marked_read(self, user: User) -> "NoticeQuerySet":
        """Annotates ``is_read``: whether the user has opened the present edition."""
        from_here = NoticeReading.objects.filter(
            notice=models.OuterRef("pk"), edition=models.OuterRef("edition"), reader=user
        )
        return self.annotate(is_read=models.Exists(from_here))

    def newest_first(self) -> "NoticeQuerySet":
        """Orders by publication, newest first."""
        return self.order_by("-published_at", "-pk")


class Notice(HasStatus):
    """A notice. ``body`` is HTML cleaned by ``community.notices.body``.

    ``edition`` counts how often it was told; a correction that is told again must be read again.
    ``told_upto`` is the key of the last person for whom a message of this edition was queued.
    """

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        Status.DRAFT: {Status.SCHEDULED, Status.PUBLISHED, Status.DISCARDED},
        Status.SCHEDULED: {Status.DRAFT, Status.PUBLISHED},
        Status.PUBLISHED: {Status.WITHDRAWN},
        Status.WITHDRAWN: set(),
        Status.DISCARDED: set(),
    }
    # Statuses in which a notice can be edited.
    WRITABLE = (Status.DRAFT, Status.SCHEDULED)

    class Kind(models.TextChoices):
        WATER = "water", pgettext_lazy("notice", "No water")
        POWER = "power", pgettext_lazy("notice", "No power")
        WORKS = "works", pgettext_lazy("notice", "Works")
        SAFETY = "safety", pgettext_lazy("notice", "Safety")
        ACTIVITY = "activity", pgettext_lazy("notice", "Activity")
        OTHER = "other", pgettext_lazy("notice", "Notice")

    class Scope(models.TextChoices):
        ESTATE = "estate", _("the whole estate")
        BUILDINGS = "buildings", _("some buildings")
        ENTRANCES = "entrances", _("some entrances")
        HOMES = "homes", _("some homes")
        GROUP = "group", _("those affected")

    # Scopes that a poster's code opens without signing in.
    PUBLIC_SCOPES = (Scope.ESTATE, Scope.BUILDINGS, Scope.ENTRANCES)

    key = models.UUIDField(unique=True, editable=False)
    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="notices"
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    body = models.TextField(_("text"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OTHER)
    is_urgent = models.BooleanField(
        _("urgent"), default=False, help_text=_("Pinned to the home page and sent as an SMS too.")
    )
    scope = models.CharField(_("for whom"), max_length=10, choices=Scope, default=Scope.ESTATE)
    # Key of the affected group and its name when it was chosen.
    group = models.CharField(max_length=60, blank=True, editable=False)
    group_name = models.CharField(_("those affected"), max_length=100, blank=True)
    code = models.CharField(_("code on the poster"), max_length=12, unique=True, default=new_sign_code)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.DRAFT)
    status_changed_at = models.DateTimeField(_("since"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("written"))
    publish_at = models.DateTimeField(_("to be published"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    ends_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    corrected_at = models.DateTimeField(_("corrected"), null=True, blank=True)
    edition = models.PositiveSmallIntegerField(default=1, editable=False)
    told_upto = models.BigIntegerField(default=0, editable=False)
    told_at = models.DateTimeField(_("messages written"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(published_at=None) | Q(ends_at__gt=F("published_at")),
                name="notice_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "withdrawn"]) | Q(published_at__isnull=False),
                name="notice_published_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(publish_at__isnull=False),
                name="notice_scheduled_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["estate", "-published_at", "-id"], name="notice_newest_first"),
            models.Index(fields=["estate", "-created_at", "-id"], name="notice_by_writing"),
            models.Index(fields=["status", "publish_at"], name="notice_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def live_topic(self) -> str:
        """Topic of pages that show readings."""
        return f"notice:{self.pk}"

    @property
    def estate_topic(self) -> str:
        """Topic of pages that show the estate's notices to residents."""
        return estate_topic(self.estate_id)

    @property
    def told_key(self) -> str:
        """Key of the present edition's message in the outbox and the inboxes."""
        return self.told_keys[-1]

    @property
    def told_keys(self) -> list[str]:
        """Message keys of all editions, the newest last."""
        return [f"notice:{self.pk}:{edition}" for edition in range(1, self.edition + 1)]

    @property
    def is_public(self) -> bool:
        return self.scope in self.PUBLIC_SCOPES

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def homes(self) -> HomeQuerySet:
        """Returns the homes that the notice is for; those of a group are stored when it is published."""
        if self.scope == self.Scope.ESTATE:
            return Home.objects.of_estate(self.estate)
        parts = self.parts.all()
        return Home.objects.filter(
            Q(pk__in=parts.exclude(home=None).values("home"))
            | Q(entrance__in=parts.exclude(entrance=None).values("entrance"))
            | Q(entrance__building__in=parts.exclude(building=None).values("building"))
        )

    def people(self) -> "models.QuerySet[User]":
        """Returns the active people who live in those homes now."""
        living = Residency.objects.active().filter(home__in=self.homes().values("pk"))
        return User.objects.filter(pk__in=living.values("user"), is_active=True)


def estate_topic(estate_pk: int) -> str:
    return f"notices:{estate_pk}"


class NoticePart(models.Model):
    """A building, entrance or home that a notice is for."""

    notice = models.ForeignKey(
        Notice, verbose_name=_("notice"), on_delete=models.CASCADE, related_name="parts"
    )
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entrance = models.ForeignKey(
        Entrance,
        verbose_name=_("entrance"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("for whom")
        verbose_name_plural = _("for whom")
        ordering = ["notice", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(building__isnull=False, entrance=None, home=None)
                    | Q(building=None, entrance__isnull=False, home=None)
                    | Q(building=None, entrance=None, home__isnull=False)
                ),
                name="notice_part_is_one_place",
            ),
            models.UniqueConstraint(fields=["notice", "building"], name="notice_building_once"),
            models.UniqueConstraint(fields=["notice", "entrance"], name="notice_entrance_once"),
            models.UniqueConstraint(fields=["notice", "home"], name="notice_home_once"),
        ]

    def __str__(self) -> str:
        return str(self.building or self.entrance or self.home)


class NoticeChange(StatusChange):
    """A status change of a notice; a correction is recorded from published to published."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="history")
