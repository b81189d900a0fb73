"""Merchant accounts at payment providers."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.encryption import EncryptedTextField
from community.estates.models import Estate, PropertyCompany


class MerchantQuerySet(models.QuerySet["MerchantAccount"]):
    def for_estate(self, estate: Estate) -> "MerchantQuerySet":
        """Limits to accounts in use whose money an estate's bills may reach, the estate's own first.

        Money of several companies must never meet in one account (二清): an account of another company is no
        choice, whatever the estate says.
        """
        if estate.company_id is None:
            return self.none()
        mine = Q(estate=estate) | Q(estate=None)
        return self.filter(mine, company=estate.company_id, is_on=True).order_by(
            models.F("estate").asc(nulls_last=True), "pk"
        )


class MerchantAccount(models.Model):
    """A property company's account at a payment provider; with ``estate`` it is of that estate alone.

    ``merchant_number`` is WeChat Pay's mchid or Alipay's seller id, ``app_id`` the application that asks for the
    money. ``credentials`` is a JSON object of keys and certificates, whose names each provider documents.
    """

    class Provider(models.TextChoices):
        WECHAT = "wechat", _("WeChat Pay")
        ALIPAY = "alipay", _("Alipay")

    company = models.ForeignKey(
        PropertyCompany,
        verbose_name=_("property company"),
        on_delete=models.PROTECT,
        related_name="merchant_accounts",
    )
    estate = models.ForeignKey(
        Estate,
        verbose_name=_("of this estate alone"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    provider = models.CharField(pgettext_lazy("payment", "provider"), max_length=10, choices=Provider)
    merchant_number = models.CharField(_("merchant number"), max_length=32)
    app_id = models.CharField(_("application"), max_length=32)
    credentials = EncryptedTextField(_("keys and certificates"))
    is_on = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("entered"))

    objects = MerchantQuerySet.as_manager()

    class Meta:
        verbose_name = _("merchant account")
        verbose_name_plural = _("merchant accounts")
        ordering = ["company", "provider", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "merchant_number"], name="merchant_number_once"),
            models.UniqueConstraint(
                fields=["company", "provider"],
                condition=Q(estate=None, is_on=True),
                name="merchant_of_company_once",
            ),
            models.UniqueConstraint(
                fields=["estate", "provider"], condition=Q(is_on=True), name="merchant_of_estate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.merchant_number}"

    def clean(self) -> None:
        if self.estate_id and self.estate and self.estate.company_id != self.company_id:
            raise ValidationError({"estate": _("This estate belongs to another property company.")})

    @property
    def secrets(self) -> dict[str, Any]:
        """The credentials by name; empty for what is no JSON object."""
        try:
            found = json.loads(self.credentials)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
