"""Pictures of care: of carers who agreed to be shown, and of the dishes of a day."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from accounts.policies import estates_of
from services.care.models.bookings import CareBooking
from services.care.models.catalogue import CareService
from services.care.models.people import Carer
from services.care.roles import OVERSEEING
from services.common.models import Picture

MAX_DISHES = 120


class CarerPictureQuerySet(models.QuerySet["CarerPicture"]):
    def shown(self) -> "CarerPictureQuerySet":
        """Limits to pictures that their carer agreed to, while the carer works."""
        holding = StaffRole.objects.filter(
            role=StaffRole.Role.CARER,
            user=OuterRef("carer__user"),
            estate=OuterRef("carer__provider__estate"),
        )
        working = Q(carer__is_active=True, carer__user__is_active=True) & Exists(holding)
        return self.filter(working, agreed_at__isnull=False)

    def of_visit(self, booking: CareBooking) -> "CarerPictureQuerySet":
        """Limits to the picture that the household of a visit sees beside the carer's name."""
        return self.shown().filter(carer__user=booking.carer_id, carer__provider=booking.service.provider_id)

    def visible_to(self, user: User) -> "CarerPictureQuerySet":
        """Limits to the user's own, those of estates that the user oversees, and shown ones of carers who
        are named in a booking of the household.
        """
        visits = CareBooking.objects.of_household(user).exclude(status=CareBooking.Status.CANCELLED)
        named = visits.filter(carer=OuterRef("carer__user"), service__provider=OuterRef("carer__provider"))
        return self.filter(
            Q(carer__user=user)
            | Q(carer__provider__estate__in=estates_of(user, *OVERSEEING))
            | Q(Exists(named), pk__in=CarerPicture.objects.shown().values("pk"))
        )


class CarerPicture(Picture):
    """Picture of a carer, added by the coordinator and shown to households once the carer has agreed.

    A carer who withdraws the consent deletes it: there is no row of a refused picture.
    """

    carer = models.OneToOneField(Carer, on_delete=models.CASCADE, related_name="picture")
    agreed_at = models.DateTimeField(null=True)

    objects = CarerPictureQuerySet.as_manager()

    class Meta(Picture.Meta):
        verbose_name = _("carer's picture")
        verbose_name_plural = _("carers' pictures")

    def __str__(self) -> str:
        return str(self.carer)


class MenuQuerySet(models.QuerySet["Menu"]):
    def visible_to(self, user: User) -> "MenuQuerySet":
        """Limits to menus of services that the user may see."""
        return self.filter(service__in=CareService.objects.visible_to(user))

    def from_day(self, first: date, days: int) -> "MenuQuerySet":
        """Limits to ``days`` days from ``first``, in their order, with their pictures."""
        last = date.fromordinal(first.toordinal() + days - 1)
        return self.filter(on__range=(first, last)).select_related("picture").order_by("on")


class Menu(models.Model):
    """The dishes of a meal service on one day, with a picture of its own where there is one."""

    service = models.ForeignKey(CareService, on_delete=models.CASCADE, related_name="menus")
    on = models.DateField()
    dishes = models.CharField(_("dishes"), max_length=MAX_DISHES)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = MenuQuerySet.as_manager()

    class Meta:
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        ordering = ["service", "on"]
        constraints = [models.UniqueConstraint(fields=["service", "on"], name="care_menu_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.dishes}"


class MenuPicture(Picture):
    menu = models.OneToOneField(Menu, on_delete=models.CASCADE, related_name="picture")

    class Meta(Picture.Meta):
        verbose_name = _("picture of a menu")
        verbose_name_plural = _("pictures of menus")

    def __str__(self) -> str:
        return str(self.menu)
