from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, access_of
from accounts.policies import Role
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Building, Entrance, Estate
from services.renovation import KEY
from services.renovation.roles import OVERSEEING


class Status(models.TextChoices):
    DRAFT = "draft", _("being drafted")
    OPEN = "open", _("open for comments")
    SCHEDULED = "scheduled", _("scheduled")
    IN_WORK = "in_work", _("under construction")
    FINISHED = "finished", _("finished")


class ProjectQuerySet(models.QuerySet["RenovationProject"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        """Limits to projects of the estates in which the user lives, works in a crew or acts for a resident.

        Drafts are visible to staff who oversee the project only.
        """
        access = access_of(user)
        # The roles first: they tell whether the rest need be asked.
        overseen = Q(estate__in=access.estates(*OVERSEEING))
        shown = Q(estate__in={*access.lived_in(KEY), *access.estates(Role.CREW)})
        return self.filter((shown & ~Q(status=Status.DRAFT)) | overseen)

    def coordinated_by(self, user: User) -> "ProjectQuerySet":
        """Limits to projects of the estates that the user oversees as staff."""
        return self.filter(estate__in=access_of(user).estates(*OVERSEEING))

    def bookable(self) -> "ProjectQuerySet":
        """Limits to projects that can be booked."""
        return self.filter(status__in=RenovationProject.BOOKABLE)


class RenovationProject(HasStatus):
    """A renovation of an estate, open to its residents from the plan to the last home."""

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        Status.DRAFT: {Status.OPEN},
        Status.OPEN: {Status.DRAFT, Status.SCHEDULED},
        Status.SCHEDULED: {Status.OPEN, Status.IN_WORK},
        Status.IN_WORK: {Status.FINISHED},
        Status.FINISHED: set(),
    }
    # Statuses in which homes can book and crews come.
    BOOKABLE = (Status.SCHEDULED, Status.IN_WORK)

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="renovations"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=40)
    plan = models.TextField(_("plan"), max_length=10_000)
    cost_fen = models.PositiveBigIntegerField(_("cost in yuan"), null=True, blank=True)
    paid_by = models.CharField(_("who pays"), max_length=200, blank=True)
    contact_name = EncryptedCharField(_("contact"), max_length=40, was_clear=True)
    contact_phone = EncryptedCharField(_("phone of the contact"), max_length=30, was_clear=True)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("made"))
    status_changed_at = models.DateTimeField(_("since"))

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("renovation project")
        verbose_name_plural = _("renovation projects")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="renovation_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def live_topic(self) -> str:
        return f"renovation:{self.pk}"

    @property
    def is_bookable(self) -> bool:
        return self.status in self.BOOKABLE


class ProjectChange(StatusChange):
    """A step of a project."""

    project = models.ForeignKey(RenovationProject, on_delete=models.CASCADE, related_name="history")


class ProjectBuilding(models.Model):
    """A building that takes part."""

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="parts"
    )
    building = models.ForeignKey(
        Building, verbose_name=_("building"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("building that takes part")
        verbose_name_plural = _("buildings that take part")
        ordering = ["project", "building__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "building"], name="renovation_building_once")
        ]

    def __str__(self) -> str:
        return str(self.building)


class TimetableRow(models.Model):
    """A row of the timetable, as residents read it."""

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="timetable"
    )
    begins_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    what = models.CharField(_("what is done"), max_length=100)

    class Meta:
        verbose_name = _("line of the time table")
        verbose_name_plural = _("time table")
        ordering = ["project", "begins_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("begins_on")), name="timetable_row_forward"
            )
        ]

    def __str__(self) -> str:
        return self.what


class WorkItem(models.Model):
    """A part of the work: in every home, on an entrance, or on the grounds.

    ``stage`` is the progress of shared work; a home's progress follows from its appointments.
    """

    class Where(models.TextChoices):
        HOMES = "homes", _("in the homes")
        ENTRANCE = "entrance", _("on an entrance")
        GROUNDS = "grounds", _("on the grounds")

    class Stage(models.TextChoices):
        PLANNED = "planned", _("planned")
        IN_WORK = "in_work", _("in work")
        DONE = "done", _("finished")

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="items"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=20)
    about = models.TextField(_("what happens"), max_length=1000, blank=True)
    where = models.CharField(_("where"), max_length=10, choices=Where, default=Where.HOMES)
    entrance = models.ForeignKey(
        Entrance,
        verbose_name=_("entrance"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=120)
    is_noisy = models.BooleanField(
        _("noisy"), default=False, help_text=_("Only in the hours that the estate allows noise.")
    )
    icon = models.SlugField(_("icon"), max_length=30, default="tool")
    warranty_months = models.PositiveSmallIntegerField(_("months of warranty"), default=24)
    stage = models.CharField(_("how far it is"), max_length=10, choices=Stage, default=Stage.PLANNED)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ["project", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="work_item_once"),
            models.CheckConstraint(condition=Q(minutes__gte=5), name="work_item_takes_time"),
            models.CheckConstraint(
                condition=Q(where="entrance", entrance__isnull=False)
                | (~Q(where="entrance") & Q(entrance=None)),
                name="work_item_knows_its_entrance",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_homes(self) -> bool:
        return self.where == self.Where.HOMES


class ProjectQuestion(models.Model):
    """A comment or question of a resident and its public answer, shown without the name."""

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="questions"
    )
    key = models.UUIDField(unique=True, editable=False)
    words = EncryptedTextField(_("question or comment"), max_length=1000, was_clear=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("asked"))
    answer = EncryptedTextField(_("answer"), max_length=2000, blank=True, was_clear=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="renovation_answer_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.words[:40]
