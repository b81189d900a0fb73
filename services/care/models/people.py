from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.estates.models import Estate
from services.care.models.catalogue import CareService, Provider


class CarerQuerySet(models.QuerySet["Carer"]):
    def working_in(self, estate: Estate) -> "CarerQuerySet":
        """Limits to active carers who still have the role of a carer in this estate."""
        role = StaffRole.objects.filter(estate=estate, role=StaffRole.Role.CARER)
        return self.filter(
            is_active=True, provider__estate=estate, user__is_active=True, user__in=role.values("user")
        ).select_related("user", "provider")


class Carer(models.Model):
    """A member of a provider who visits residents at home."""

    provider = models.ForeignKey(
        Provider, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="carers"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="care_posts",
        help_text=_("Needs the role of a carer in the same estate."),
    )
    services = models.ManyToManyField(
        CareService,
        verbose_name=_("does what"),
        blank=True,
        related_name="carers",
        help_text=_("Empty: everything of the provider."),
    )
    is_active = models.BooleanField(_("can be sent"), default=True)

    objects = CarerQuerySet.as_manager()

    class Meta:
        verbose_name = _("carer")
        verbose_name_plural = _("carers")
        ordering = ["provider", "pk"]
        constraints = [models.UniqueConstraint(fields=["provider", "user"], name="carer_once_a_provider")]

    def __str__(self) -> str:
        return str(self.user)

    def does(self, service: CareService) -> bool:
        """Whether the carer does this service. Reads ``services``: prefetch it for lists."""
        named = list(self.services.all())
        return service in named if named else service.provider_id == self.provider_id
