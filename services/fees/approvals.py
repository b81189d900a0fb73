"""Acts by two of fees: rates, and a run of bills to be voided."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Approval
from community.core import clock
from community.core.dates import day_words
from community.core.money import as_yuan
from community.core.services.approvals import ByTwo
from community.core.services.words import Words
from services.fees import RUN_VOID, TARIFF, TIERS, labels
from services.fees.billing import actions as billing
from services.fees.meters import actions as meters
from services.fees.models import BillingRun, FeeItem, Tariff
from services.fees.models.items import rate_text
from services.fees.roles import CASHIERS

Facts = list[tuple[Words, str]]


def _tariff_facts(asked: Approval) -> Facts:
    item = FeeItem.objects.get(pk=asked.given["item"])
    from_on = date.fromisoformat(asked.given["from_on"])
    unit = labels.rate_unit(item)
    before = item.tariff_for(from_on)
    facts: Facts = [(_("Fee item"), labels.item_name(item))]
    if before is not None:
        facts.append((_("Rate until now"), f"{before.rate_text} {unit}"))
    return [
        *facts,
        (_("New rate"), f"{rate_text(asked.given['rate_hao'])} {unit}"),
        (_("Holds from"), day_words(from_on, clock.today(clock.now()))),
    ]


def _set_tariff(asked: Any, *, by: Any, now: datetime) -> None:
    given = asked.given
    item = FeeItem.objects.get(pk=given["item"])
    billing.set_tariff(
        item=item, from_on=date.fromisoformat(given["from_on"]), rate_hao=given["rate_hao"], by=by, now=now
    )


def _tiers_facts(asked: Approval) -> Facts:
    tariff = Tariff.objects.select_related("item").get(pk=asked.given["tariff"])
    unit = labels.rate_unit(tariff.item)
    facts: Facts = [
        (_("Fee item"), labels.item_name(tariff.item)),
        (_("Rate"), f"{tariff.rate_text} {unit}"),
    ]
    for above, rate in asked.given["tiers"]:
        words = _("Above %(usage)s of a year") % {"usage": f"{above / 1000:g}"}
        facts.append((words, f"{rate_text(rate)} {unit}"))
    return [*facts, (_("Month in which the year begins"), str(asked.given["tier_month"]))]


def _set_tiers(asked: Any, *, by: Any, now: datetime) -> None:
    tariff = Tariff.objects.select_related("item").get(pk=asked.given["tariff"])
    tiers = [(above, rate) for above, rate in asked.given["tiers"]]
    meters.set_tiers(tariff=tariff, tiers=tiers, tier_month=asked.given["tier_month"], by=by, now=now)


def _run_facts(asked: Approval) -> Facts:
    run = BillingRun.objects.select_related("item").get(pk=asked.given["run"])
    bills = ngettext("%(number)s bill", "%(number)s bills", run.made) % {"number": run.made}
    return [
        (_("Fee item"), labels.item_name(run.item)),
        (_("Months"), labels.run_months(run)),
        (_("Bills"), bills),
        (_("In all"), as_yuan(run.total_fen)),
    ]


def _void_run(asked: Any, *, by: Any, now: datetime) -> None:
    run = BillingRun.objects.select_related("item").get(pk=asked.given["run"])
    billing.void_run(run=run, reason=asked.reason, by=by, now=now)


BY_TWO = {
    TARIFF: ByTwo(label=gettext_lazy("A new rate"), roles=CASHIERS, facts=_tariff_facts, act=_set_tariff),
    TIERS: ByTwo(
        label=gettext_lazy("New tiers of a rate"), roles=CASHIERS, facts=_tiers_facts, act=_set_tiers
    ),
    RUN_VOID: ByTwo(
        label=gettext_lazy("All bills of a run to be voided"), roles=CASHIERS, facts=_run_facts, act=_void_run
    ),
}
