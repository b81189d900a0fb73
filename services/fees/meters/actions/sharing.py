"""Costs that the homes of a building share, from the common meter or as a sum given by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock, money
from community.core.errors import ActionError
from community.estates.models import Building, Home
from services.fees import policies
from services.fees.billing.actions.charges import MAX_BILL_FEN
from services.fees.meters import usage
from services.fees.models import Bill, BillingRun, FeeItem, Meter, SharedCost, SharePart, UsageLine

# A sum for a whole estate may be so many times as large as the largest bill.
MAX_SHARED_FEN = MAX_BILL_FEN * 10
# Weights are floor areas in 0.01 m², or homes.
MILLI: dict[str, int] = {SharedCost.Split.AREA: 10, SharedCost.Split.HOME: 1000}


@dataclass(frozen=True)
class Share:
    """A cost to be shared: by the building's homes, or the estate's; ``amount_fen`` is None for the common meter's."""

    item: FeeItem
    building: Building | None
    period: date
    split: str
    amount_fen: int | None = None
    words: str = ""


def share_cost(share: Share, *, by: User, now: datetime) -> SharedCost:
    """Divides a cost among homes to the fen and returns it; bills are made by the run of its month.

    Raises ``Forbidden``, and ``ActionError`` with the field for a sum that is not positive, a month that is to
    come, has its cost already or is billed, a common meter that is missing or not read, homes without a reading, and
    homes that used more than the common meter counted.
    """
    policies.require("bill", by, share.item.estate_id)
    _check_share(share, now)
    quantity, rate = (None, None) if share.amount_fen is not None else _from_meter(share)
    fen = share.amount_fen if quantity is None or rate is None else money.of_quantity(quantity, rate)
    if not fen or fen < 0:
        raise ActionError("nothing_to_share", _("There is nothing to share."), field="amount_fen")
    if fen > MAX_SHARED_FEN:
        raise ActionError("amount_too_large", _("This amount is too large."), field="amount_fen")
    homes = usage.homes_sharing(share.item, share.building)
    if not homes:
        raise ActionError("no_homes", _("There are no homes to share it."), field="building")
    cost = SharedCost(
        estate=share.item.estate,
        item=share.item,
        building=share.building,
        period=share.period,
        split=share.split,
        quantity_milli=quantity,
        rate_hao=rate,
        amount_fen=fen,
        words=share.words.strip(),
        by=by,
        created_at=now,
    )
    parts = _parts(cost, homes)
    try:
        with transaction.atomic():
            _check_not_billed(share)
            cost.save()
            SharePart.objects.bulk_create(parts)
            audit.record(
                "fees.cost_shared", by=by, target=cost, estate_id=cost.estate_id, fen=fen, homes=len(homes)
            )
    except IntegrityError:
        raise ActionError(
            "shared_already", _("The cost of this month is shared already."), field="period"
        ) from None
    return cost


def _parts(cost: SharedCost, homes: Sequence[Home]) -> list[SharePart]:
    """Sets what the cost is divided by; returns the parts of the homes, which are not saved yet."""
    weights = [weight * MILLI[cost.split] for weight in usage.weights(homes, cost.split)]
    cost.divided_by_milli = sum(weights)
    parts = money.by_largest_remainder(cost.amount_fen, weights)
    return [
        SharePart(cost=cost, home=home, amount_fen=part, quantity_milli=weight)
        for home, part, weight in zip(homes, parts, weights, strict=True)
    ]


def _check_share(share: Share, now: datetime) -> None:
    item = share.item
    if item.basis != FeeItem.Basis.SHARE or not item.is_active:
        raise ActionError("not_shared", _("Please choose a fee that is shared."), field="item")
    if share.building is not None and share.building.estate_id != item.estate_id:
        raise ActionError("not_of_estate", _("This home is not in this estate."), field="building")
    if share.period > clock.today(now):
        raise ActionError("too_early", _("This month is too far ahead."), field="period")
    if share.amount_fen is not None and share.amount_fen <= 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount_fen")


def _check_not_billed(share: Share) -> None:
    """Requires that no run has billed the month, or does so now: no later one would bill a part of this cost."""
    bills = Bill.objects.filter(item=share.item, period=share.period, run__isnull=False)
    running = BillingRun.objects.filter(
        item=share.item, period=share.period, status=BillingRun.Status.RUNNING
    )
    if bills.exclude(status=Bill.Status.VOIDED).exists() or running.exists():
        raise ActionError(
            "month_billed",
            _("The bills of this month are made. Please withdraw them first, or choose a later month."),
            field="period",
        )


def _from_meter(share: Share) -> tuple[int, int]:
    """Returns the usage to share in 0.001 of the unit, and its rate in 0.0001 yuan."""
    common = Meter.objects.in_use().filter(item=share.item, building=share.building, home=None).first()
    if common is None:
        raise ActionError(
            "no_common_meter", _("There is no common meter here. Please type the sum."), field="amount_fen"
        )
    tariff = share.item.tariff_for(share.period)
    if tariff is None:
        raise ActionError(
            "no_tariff", _("No tariff holds in this month. Please set one first."), field="period"
        )
    shared = usage.shared_usage(common, share.period)
    if shared.missing:
        places = "、".join(one.place for one in shared.missing[:5])
        raise ActionError(
            "readings_missing",
            _("%(number)d meters have no reading in this month: %(places)s.")
            % {"number": len(shared.missing), "places": places},
            field="building",
        )
    if shared.quantity_milli < 0:
        raise ActionError(
            "more_than_common",
            _("The homes together used more than the common meter counted."),
            field="building",
        )
    return shared.quantity_milli, tariff.rate_hao


def drop_cost(*, cost: SharedCost, by: User, now: datetime) -> None:
    """Takes a shared cost back while no bill of it holds. Repeating it changes nothing.

    Raises ``Forbidden``, and ``ActionError`` if a bill of it holds.
    """
    policies.require("bill", by, cost.estate_id)
    with transaction.atomic():
        if UsageLine.objects.billed().filter(part__cost=cost).exists():
            raise ActionError("cost_billed", _("This cost is billed. Please withdraw the bills instead."))
        UsageLine.objects.filter(part__cost=cost).delete()
        SharedCost.objects.filter(pk=cost.pk).delete()
        audit.record("fees.cost_dropped", by=by, estate_id=cost.estate_id, fen=cost.amount_fen)
