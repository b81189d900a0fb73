"""Property companies: the row that owns what several estates share."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PropertyCompany(models.Model):
    """A property company (物业公司): the estates that it manages, and whose money it may take."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=100, unique=True)
    # 统一社会信用代码, as on its invoices; empty where nobody typed it.
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)

    class Meta:
        verbose_name = _("property company")
        verbose_name_plural = _("property companies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
