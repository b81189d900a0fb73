"""Estates, buildings, entrances, homes and public places.

Estates know no people; residencies are in ``accounts``.
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
from community.estates.companies import PropertyCompany

# Without characters that look alike on a worn sign (0 O, 1 I L).
SIGN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class Estate(models.Model):
    """The tenant of the system: every row of data belongs to one estate."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60, unique=True)
    code = models.SlugField(_("short code"), max_length=20, unique=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    desk_phone = models.CharField(_("phone of the desk"), max_length=30)
    emergency_phone = models.CharField(_("phone for emergencies"), max_length=30)
    company = models.ForeignKey(
        PropertyCompany,
        verbose_name=_("property company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="estates",
    )
    # Whether tenants see and pay what their home owes; without it the owner pays.
    tenants_pay = models.BooleanField(_("tenants pay the fees of their home"), default=False)

    class Meta:
        verbose_name = _("estate")
        verbose_name_plural = _("estates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def company_name(self) -> str:
        """The name of its property company; empty without one."""
        return self.company.name if self.company else ""


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
        """Loads everything that ``str(home)`` needs in the same query."""
        return self.select_related("entrance__building__estate")

    def of_estate(self, estate: Estate) -> "HomeQuerySet":
        """Limits to homes of this estate."""
        return self.filter(entrance__building__estate=estate)


class Home(Searched):
    """A flat (室), or another unit of a building. Fees and votes are calculated by its area."""

    class Kind(models.TextChoices):
        DWELLING = "dwelling", _("flat")
        SHOP = "shop", _("shop")
        STORAGE = "storage", _("storage room")
        GARAGE = "garage", _("garage")

    search_kind = HOME
    search_columns = ("entrance__building__name", "entrance__name", "number")
    search_keys = staticmethod(home_keys)

    entrance = models.ForeignKey(
        Entrance, verbose_name=_("entrance"), on_delete=models.PROTECT, related_name="homes"
    )
    number = models.CharField(_("number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.DWELLING)
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
        """Area in m² with two decimals: ``98.50``."""
        return f"{self.area_dm2 // 100}.{self.area_dm2 % 100:02d}"


def new_sign_code() -> str:
    """Returns a random code of seven characters to read out and type; 31⁷ codes cannot be tried out."""
    return "".join(secrets.choice(SIGN_ALPHABET) for _n in range(7))


class PublicPlace(models.Model):
    """A shared area (公共区域) with a sign whose QR code opens a repair report for it."""

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
    """Open hours of the desk on a weekday; a lunch break makes two rows.

    Hours that close at or before their beginning close on the next day, 0 o'clock being midnight.
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
    """A correction of the calendar by staff of an estate, or by the operator for all estates.

    The public calendar is national, so the operator corrects it once. An estate may work or rest on days of
    its own, such as a local festival, without changing other estates.
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
            # The constraint above treats two rows without an estate as different.
            models.UniqueConstraint(
                fields=["date"], condition=models.Q(estate=None), name="calendar_day_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> "ImportRunQuerySet":
        """Limits to runs started by the user; ``finished`` has those shared with colleagues."""
        return self.filter(started_by=user)

    def finished(self) -> "ImportRunQuerySet":
        """Limits to imports that were written or undone, kept as a record without rows."""
        return self.filter(status__in=ImportRun.FINISHED)

    def working(self) -> "ImportRunQuerySet":
        """Limits to runs on which a background step is due."""
        return self.filter(status__in=ImportRun.WORKING)


class ImportRun(HasStatus):
    """The import of a sheet into a list of an estate.

    Holds personal data, encrypted; unfinished runs are deleted after a day. A finished run keeps the values
    that it changed, encrypted, as long as it can be undone.
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
    # Label of the model whose rows are written: "estates.home".
    kind = models.CharField(max_length=60)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.READING)
    status_changed_at = models.DateTimeField(_("since"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Language of messages, and IP address for the audit record, of background steps.
    language = models.CharField(max_length=10)
    address = models.GenericIPAddressField(null=True, blank=True)
    file_name = EncryptedTextField(_("file"), blank=True)
    # Key of the encrypted file until it is read; then its cells and the result of checking them.
    stored = models.CharField(max_length=100, blank=True)
    rows = EncryptedTextField(blank=True)
    outcome = EncryptedTextField(blank=True)
    # Rows written, with the values before, as long as they can be undone.
    journal = EncryptedTextField(blank=True)
    written_at = models.DateTimeField(_("imported"), null=True, blank=True)
    # Answers about the sheet and choices of the confirmation.
    answers = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Last progress of a worker; None while the run waits in the queue.
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
    """A word in an estate's sheets: the column that a heading names, or the building that a spelling means."""

    class Group(models.TextChoices):
        COLUMN = "column", _("column")
        BUILDING = "building", _("building")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=10, choices=Group)
    # Label of the model whose list the heading belongs to; empty for a building.
    kind = models.CharField(max_length=60, blank=True)
    written = models.CharField(max_length=60)
    # Key of our column, empty for none; or the building's name.
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
