"""Tiers of a tariff."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import Wanted, ask_approval
from accounts.models import Approval, User
from community.core import audit
from community.core.errors import ActionError
from services.fees import TIERS, policies
from services.fees.billing.actions.items import MAX_RATE_HAO
from services.fees.models import Bill, FeeItem, Tariff, TariffTier


def ask_tiers(
    *, tariff: Tariff, tiers: Sequence[tuple[int, int]], tier_month: int, by: User, now: datetime
) -> Approval:
    """Asks for the tiers of a tariff, to which a second person agrees.

    Raises as ``set_tiers`` does, and ``ActionError`` with ``already_asked`` while others wait.
    """
    item = tariff.item
    policies.require("set_tariff", by, item.estate_id)
    _check_limits(item, tiers)
    _check_not_billed(tariff, tier_month)
    given = {"tariff": tariff.pk, "tiers": [list(one) for one in tiers], "tier_month": tier_month}
    return ask_approval(Wanted(TIERS, item.estate, tariff.pk, given), by=by, now=now)


def set_tiers(
    *, tariff: Tariff, tiers: Sequence[tuple[int, int]], tier_month: int, by: User, now: datetime
) -> None:
    """Sets the tiers of a tariff: each limit of the year in 0.001 of the unit, and the rate in 0.0001 yuan above it.

    ``by`` is the second person, after ``ask_tiers``. ``tier_month`` is the month with which the year
    begins, for all tariffs of the item. Raises ``Forbidden``, and ``ActionError`` for an item without
    meters, limits that do not rise, a rate that is not positive, and a tariff or a year that is billed.
    """
    item = tariff.item
    policies.require("set_tariff", by, item.estate_id)
    _check_limits(item, tiers)
    with transaction.atomic():
        _check_not_billed(tariff, tier_month)
        FeeItem.objects.filter(pk=item.pk).update(tier_month=tier_month)
        tariff.tiers.all().delete()
        TariffTier.objects.bulk_create(
            TariffTier(tariff=tariff, above_milli=above, rate_hao=rate) for above, rate in tiers
        )
        audit.record("fees.tiers_set", by=by, target=tariff, estate_id=item.estate_id, tiers=len(tiers))


def _check_limits(item: FeeItem, tiers: Sequence[tuple[int, int]]) -> None:
    if item.basis != FeeItem.Basis.METER:
        raise ActionError("no_tiers", _("Only fees by meter have tiers."))
    limits = [0, *(above for above, _rate in tiers)]
    for number, (above, rate) in enumerate(tiers, 1):
        if above <= limits[number - 1]:
            raise ActionError(
                "limits_do_not_rise", _("Each limit must be above the one before."), field=f"above_{number}"
            )
        if not 0 < rate <= MAX_RATE_HAO:
            raise ActionError("rate_not_positive", _("The rate must be more than 0."), field=f"rate_{number}")


def _check_not_billed(tariff: Tariff, tier_month: int) -> None:
    item = tariff.item
    billed = Bill.objects.filter(item=item).exclude(status=Bill.Status.VOIDED)
    if billed.filter(period__gte=tariff.from_on).exists():
        raise ActionError(
            "month_billed", _("Bills at this rate are made already. Please set a new rate from a later day.")
        )
    if tier_month != item.tier_month and billed.exists():
        raise ActionError(
            "year_billed", _("Bills are made already: the year stays as it is."), field="tier_month"
        )
