"""Fee items of an estate, and their tariffs."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import Wanted, ask_approval
from accounts.models import Approval, User
from community.core import audit
from community.core.errors import ActionError
from community.estates.models import Estate
from services.fees import TARIFF, policies
from services.fees.models import Bill, BillingRun, FeeItem, Tariff

# 1,000 yuan per square metre or home and month: a higher rate is a typing error.
MAX_RATE_HAO = 10_000_000


@dataclass(frozen=True)
class NewItem:
    """A fee item to be added, which all homes owe; ``due_days`` are the days to pay."""

    name: str
    kind: str
    basis: str
    every: int
    is_in_advance: bool
    due_days: int


def add_item(new: NewItem, *, estate: Estate, by: User, now: datetime) -> FeeItem:
    """Adds a fee item without a tariff, and returns it.

    Raises ``Forbidden``, and ``ActionError`` with the field for a name that the estate uses already, and for a
    fee by meter or shared use that is not billed every month.
    """
    policies.require("set_tariff", by, estate.pk)
    if new.basis in FeeItem.METERED and (new.every != FeeItem.Every.MONTH or new.is_in_advance):
        raise ActionError(
            "by_the_month", _("Fees by meter and shared ones are billed for each month."), field="every"
        )
    try:
        with transaction.atomic():
            item = FeeItem.objects.create(estate=estate, **asdict(new))
            audit.record("fees.item_added", by=by, target=item, estate_id=estate.pk, name=item.name)
    except IntegrityError:
        raise ActionError("name_used", _("There is a fee item of this name already."), field="name") from None
    return item


def ask_tariff(*, item: FeeItem, from_on: date, rate_hao: int, by: User, now: datetime) -> Approval:
    """Asks for a rate (0.0001 yuan a month) from a day on, to which a second person agrees.

    Raises as ``set_tariff`` does, and ``ActionError`` with ``already_asked`` while one for the same day waits.
    """
    policies.require("set_tariff", by, item.estate_id)
    _check_rate(item, rate_hao)
    _check_not_billed(item, from_on)
    given = {"item": item.pk, "from_on": from_on.isoformat(), "rate_hao": rate_hao}
    about = f"{item.pk}:{from_on.isoformat()}"
    return ask_approval(Wanted(TARIFF, item.estate, about, given), by=by, now=now)


def set_tariff(*, item: FeeItem, from_on: date, rate_hao: int, by: User, now: datetime) -> Tariff:
    """Sets the rate (0.0001 yuan a month) from a day on; the same day again corrects it. Returns the tariff.

    ``by`` is the second person, after ``ask_tariff``. Raises ``Forbidden``, and ``ActionError`` with the field
    for an item without a rate, a rate that is not positive or too large, and a month that has bills or whose
    bills are being made.
    """
    policies.require("set_tariff", by, item.estate_id)
    _check_rate(item, rate_hao)
    with transaction.atomic():
        _check_not_billed(item, from_on)
        tariff, _is_new = Tariff.objects.update_or_create(
            item=item, from_on=from_on, defaults={"rate_hao": rate_hao}
        )
        audit.record(
            "fees.tariff_set",
            by=by,
            target=tariff,
            estate_id=item.estate_id,
            from_on=from_on.isoformat(),
            rate_hao=rate_hao,
        )
    return tariff


def _check_rate(item: FeeItem, rate_hao: int) -> None:
    if item.basis == FeeItem.Basis.SINGLE:
        raise ActionError("no_rate", _("This fee has no rate: each bill has its own amount."), field="item")
    if rate_hao <= 0:
        raise ActionError("rate_not_positive", _("The rate must be more than 0."), field="rate")
    if rate_hao > MAX_RATE_HAO:
        raise ActionError("rate_too_large", _("This rate is too large."), field="rate")


def _check_not_billed(item: FeeItem, from_on: date) -> None:
    first = item.period_of(from_on)
    billed = Bill.objects.filter(item=item, period__gte=first).exclude(status=Bill.Status.VOIDED)
    running = BillingRun.objects.filter(item=item, period__gte=first, status=BillingRun.Status.RUNNING)
    last = billed.order_by("-period").values_list("period", flat=True).first()
    if last is not None:
        raise ActionError(
            "month_billed",
            _("There are bills for %(month)s already. Please choose a later day.")
            % {"month": f"{last:%Y-%m}"},
            field="from_on",
        )
    if running.exists():
        raise ActionError(
            "month_billed", _("Bills are just being made. Please choose a later day."), field="from_on"
        )
