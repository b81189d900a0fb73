"""The place: an estate, its buildings, entrances and homes, and the public places between them.

An estate never knows a person; who lives where is in ``accounts``.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.encryption import EncryptedTextField
from community.core.hours import hours_words
from community.core.search.addresses import home_keys
from community.core.search.keys import HOME, Searched, SearchedQuerySet
from community.core.transitions import HasStatus, StatusChange

# No letters or digits that look alike on a worn sign (0 O, 1 I L).
SIGN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class Estate(models.Model):
    """The tenant of the system: every row of data belongs to one."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60, unique=True)
    code = models.SlugField(_("short code"), max_length=20, unique=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    desk_phone = models.CharField(_("phone of the desk"), max_length=30)
    emergency_phone = models.CharField(_("phone for emergencies"), max_length=30)
    company = models.CharField(_("property company"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("estate")
        verbose_name_plural = _("estates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Building(Searched):
    search_columns = ("name",)
    search_below = ("estates.Home", "entrance__building")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="buildings"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=30)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    floors = models.PositiveSmallIntegerField(_("floors"), default=6)
    has_lift = models.BooleanField(_("has a lift"), default=False)

    objects = SearchedQuerySet.as_manager()

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ["estate", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="building_name_once")]

    def __str__(self) -> str:
        return self.name


class Entrance(Searched):
    """A stair or lift core of a building (单元)."""

    search_columns = ("name", "building")
    search_below = ("estates.Home", "entrance")

    building = models.ForeignKey(
        Building, verbose_name=_("building"), on_delete=models.PROTECT, related_name="entrances"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=30)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = SearchedQuerySet.as_manager()

    class Meta:
        verbose_name = _("entrance")
        verbose_name_plural = _("entrances")
        ordering = ["building", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["building", "name"], name="entrance_name_once")]

    def __str__(self) -> str:
        return f"{self.building} {self.name}"


class HomeQuerySet(SearchedQuerySet["Home"]):
    def with_address(self) -> "HomeQuerySet":
        """Everything that ``str(home)`` needs, in the same query."""
        return self.select_related("entrance__building__estate")

    def of_estate(self, estate: Estate) -> "HomeQuerySet":
        return self.filter(entrance__building__estate=estate)


class Home(Searched):
    """One flat (室). Its area is what fees and votes are counted by."""

    search_kind = HOME
    search_columns = ("entrance__building__name", "entrance__name", "number")
    search_keys = staticmethod(home_keys)

    entrance = models.ForeignKey(
        Entrance, verbose_name=_("entrance"), on_delete=models.PROTECT, related_name="homes"
    )
    number = models.CharField(_("number"), max_length=20)
    floor = models.SmallIntegerField(_("floor"))
    area_dm2 = models.PositiveIntegerField(
        _("floor area in m²"), validators=[MinValueValidator(1)], help_text=_("Such as 98.50.")
    )

    objects = HomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("home")
        verbose_name_plural = _("homes")
        ordering = ["entrance", "floor", "number"]
        constraints = [
            models.UniqueConstraint(fields=["entrance", "number"], name="home_number_once"),
            models.CheckConstraint(condition=models.Q(area_dm2__gt=0), name="home_area_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.entrance} {self.number}"

    @property
    def estate(self) -> Estate:
        return self.entrance.building.estate

    @property
    def area_text(self) -> str:
        """Square metres with two decimals: ``98.50``."""
        return f"{self.area_dm2 // 100}.{self.area_dm2 % 100:02d}"


def new_sign_code() -> str:
    """Seven characters that can be read aloud and typed: 31⁷ are too many to try out."""
    return "".join(secrets.choice(SIGN_ALPHABET) for _n in range(7))


class PublicPlace(models.Model):
    """A shared area (公共区域) with a sign whose QR code leads to a repair for it."""

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="public_places"
    )
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="public_places",
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    code = models.CharField(_("code on the sign"), max_length=12, unique=True, default=new_sign_code)

    class Meta:
        verbose_name = _("public place")
        verbose_name_plural = _("public places")
        ordering = ["estate", "building", "name"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="place_name_once")]

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """When the desk works: one span of a weekday; a lunch break makes two spans of a day.

    One that closes at or before its beginning closes on the next day, 0 o'clock being midnight.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="working_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["estate", "weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "weekday", "opens"], name="hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {hours_words(self.opens, self.closes)}"


class CalendarDay(models.Model):
    """A correction of the calendar by staff, for one estate or, by the operator, for all.

    The public calendar is the same in the whole country, so the operator corrects it once for
    everybody; but an estate's office may work or rest on a day of its own (a local festival, a
    make-up day that the company moves), and its manager must not move the others' days.
    """

    estate = models.ForeignKey(
        Estate,
        verbose_name=_("estate"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Left empty: all estates."),
    )
    date = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"), default=False)
    hours_of = models.PositiveSmallIntegerField(
        _("with the hours of"),
        choices=WorkingHours.Weekday,
        null=True,
        blank=True,
        help_text=_("For a Saturday or Sunday that is worked: the weekday that it makes up for."),
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["-date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "date"], name="calendar_day_once"),
            # Two rows without an estate differ for the constraint above.
            models.UniqueConstraint(
                fields=["date"], condition=models.Q(estate=None), name="calendar_day_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> "ImportRunQuerySet":
        """Only those of the person who chose the file; see ``finished`` for what the office shares."""
        return self.filter(started_by=user)

    def finished(self) -> "ImportRunQuerySet":
        """What was imported, and what of it was taken back: without rows, kept as a record."""
        return self.filter(status__in=ImportRun.FINISHED)

    def working(self) -> "ImportRunQuerySet":
        """Those on which the background works."""
        return self.filter(status__in=ImportRun.WORKING)


class ImportRun(HasStatus):
    """A sheet on its way into the lists of an estate: read, asked about, shown, and written after a yes.

    It holds personal data, sealed; what is not imported is deleted after a day at the latest. An import
    keeps what it changed, sealed, for as long as it can be undone.
    """

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        ASKING = "asking", _("waiting for answers")
        READY = "ready", _("waiting for a yes")
        WRONG = "wrong", _("to be corrected")
        WRITING = "writing", _("being imported")
        DONE = "done", _("imported")
        FAILED = "failed", _("broken off")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    TRANSITIONS: dict[str, set[str]] = {
        Status.READING: {Status.ASKING, Status.READY, Status.WRONG, Status.FAILED},
        Status.ASKING: {Status.READING},
        Status.READY: {Status.READING, Status.WRITING},
        Status.WRITING: {Status.DONE, Status.WRONG, Status.FAILED},
        Status.WRONG: set(),
        Status.DONE: {Status.UNDOING},
        Status.UNDOING: {Status.DONE, Status.UNDONE},
        Status.UNDONE: set(),
        Status.FAILED: set(),
    }
    WORKING = (Status.READING, Status.WRITING, Status.UNDOING)
    FINISHED = (Status.DONE, Status.UNDOING, Status.UNDONE)

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    # The model whose rows are written, as its label: "estates.home".
    kind = models.CharField(max_length=60)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.READING)
    status_changed_at = models.DateTimeField(_("since"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # For what is said, and for the record, of work that is done later.
    language = models.CharField(max_length=10)
    address = models.GenericIPAddressField(null=True, blank=True)
    file_name = EncryptedTextField(_("file"), blank=True)
    # The sealed file, until it is read; then its cells; and what the check of them says.
    stored = models.CharField(max_length=100, blank=True)
    rows = EncryptedTextField(blank=True)
    outcome = EncryptedTextField(blank=True)
    # What was written, with the values before, for as long as it can be undone.
    journal = EncryptedTextField(blank=True)
    written_at = models.DateTimeField(_("imported"), null=True, blank=True)
    # What the office has answered about the sheet, and chosen with the yes.
    answers = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When somebody began to work on it; none while it waits in the queue.
    progressed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_working(self) -> bool:
        return self.status in self.WORKING

    @property
    def can_be_undone(self) -> bool:
        return self.status == self.Status.DONE and bool(self.journal)


class ImportRunChange(StatusChange):
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="history")


class SheetWord(models.Model):
    """How an estate's office writes its sheets: which of our columns a heading is, which building a name."""

    class Group(models.TextChoices):
        COLUMN = "column", _("column")
        BUILDING = "building", _("building")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=10, choices=Group)
    # The model whose list the heading belongs to, as its label; empty for a building's name.
    kind = models.CharField(max_length=60, blank=True)
    written = models.CharField(max_length=60)
    # The key of our column, empty for none of them; or the building's name.
    meant = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("word of a sheet")
        verbose_name_plural = _("words of sheets")
        ordering = ["estate", "group", "kind", "written"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "group", "kind", "written"], name="sheet_word_once")
        ]

    def __str__(self) -> str:
        return f"{self.written} → {self.meant}"
