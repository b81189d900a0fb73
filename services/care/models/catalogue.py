"""Services that an estate offers its elderly residents, and their providers."""

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import EncryptedCharField
from community.estates.models import Estate
from services.care import KEY
from services.scheduling.models import Resource

if TYPE_CHECKING:
    from accounts.models import User

# Highest price in fen. A service above the limit of a bill could be booked and never be billed. A test
# compares it with the limit in the actions of fees: models import no actions.
MAX_PRICE_FEN = 100_000_000


class Provider(models.Model):
    """A provider of services, such as a canteen, a nursing station or a group of volunteers."""

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="care_providers"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    phone = EncryptedCharField(_("phone"), max_length=30, blank=True, was_clear=True)
    words = models.CharField(_("in a sentence"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("care provider")
        verbose_name_plural = _("care providers")
        ordering = ["estate", "name"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="care_provider_name_once")]

    def __str__(self) -> str:
        return self.name


class ServiceQuerySet(models.QuerySet["CareService"]):
    def offered(self) -> "ServiceQuerySet":
        """Limits to services that can be booked now, without paused ones."""
        return self.filter(is_offered=True, resource__is_active=True)

    def with_provider(self) -> "ServiceQuerySet":
        return self.select_related("provider", "resource", "estate")

    def visible_to(self, user: "User") -> "ServiceQuerySet":
        """Limits to the estates in which the user lives, works or acts for a resident."""
        access = access_of(user)
        return self.filter(estate__in={*access.lived_in(KEY), *access.estates()})


class CareService(models.Model):
    """A service that can be booked. Its resource holds its times and the number of places."""

    class Kind(models.TextChoices):
        MEALS = "meals", _("meals")
        BATHING = "bathing", _("bathing")
        CLEANING = "cleaning", _("cleaning")
        ESCORT = "escort", _("medical escort")
        OUTING = "outing", _("going out")
        COMPANY = "company", _("company")

    class BookedBy(models.TextChoices):
        RESIDENTS = "residents", _("residents themselves")
        DESK = "desk", _("the desk only")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="care_services"
    )
    provider = models.ForeignKey(
        Provider, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="services"
    )
    resource = models.OneToOneField(
        Resource, verbose_name=_("times and places"), on_delete=models.PROTECT, related_name="care_service"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=12)
    name_en = models.CharField(_("name in English"), max_length=40, blank=True)
    words = models.CharField(_("in a sentence"), max_length=120, blank=True)
    words_en = models.CharField(_("in a sentence, in English"), max_length=200, blank=True)
    price_fen = models.PositiveIntegerField(
        _("price in yuan"),
        default=0,
        help_text=_("0 is free."),
        validators=[MaxValueValidator(MAX_PRICE_FEN, message=_("At most 1,000,000 yuan."))],
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60, validators=[MinValueValidator(5)])
    booked_by = models.CharField(
        _("who may book"), max_length=10, choices=BookedBy, default=BookedBy.RESIDENTS
    )
    notice_minutes = models.PositiveSmallIntegerField(
        _("book how many minutes before"), default=120, help_text=_("Later than that only the desk books.")
    )
    question = models.CharField(
        _("what to ask"), max_length=60, blank=True, help_text=_("Such as: which hospital? Empty: nothing.")
    )
    question_en = models.CharField(_("what to ask, in English"), max_length=100, blank=True)
    needs_answer = models.BooleanField(_("must be answered"), default=False)
    needs_carer = models.BooleanField(
        _("somebody comes"),
        default=True,
        help_text=_("If not, as with a meal, it counts as done when its time is over."),
    )
    is_offered = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("care service")
        verbose_name_plural = _("care services")
        ordering = ["estate", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="care_service_name_once"),
            models.CheckConstraint(
                condition=models.Q(needs_answer=False) | ~models.Q(question=""),
                name="care_service_asks_what_it_needs",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Returns the name in the reader's language."""
        return self._in_their_language(self.name, self.name_en)

    @property
    def sentence(self) -> str:
        """Returns the description in the reader's language."""
        return self._in_their_language(self.words, self.words_en)

    @property
    def asks(self) -> str:
        """Returns the question in the reader's language; empty if there is none."""
        return self._in_their_language(self.question, self.question_en)

    def _in_their_language(self, ours: str, english: str) -> str:
        return english if english and not (get_language() or "").startswith("zh") else ours

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def picture(self) -> str:
        """Returns the path of the picture among the static files."""
        return f"img/care/{self.kind}.svg"


ICONS: dict[str, str] = {
    CareService.Kind.MEALS: "soup",
    CareService.Kind.BATHING: "bath",
    CareService.Kind.CLEANING: "bucket",
    CareService.Kind.ESCORT: "stethoscope",
    CareService.Kind.OUTING: "walk",
    CareService.Kind.COMPANY: "heart",
}
