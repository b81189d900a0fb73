"""Arrears of the demo: late fees by contract, a household in need, disputed bills, reminders, notes of calls."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Sum

from accounts.models import Residency, User
from community.core import clock
from community.core.transitions import record_first_status
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Home
from services.fees.arrears.actions import disputes
from services.fees.arrears.actions import homes as notes
from services.fees.billing.late_fees import actions as late_fees
from services.fees.models import (
    Bill,
    DunningNotice,
    DunningRound,
    DunningRoundChange,
    DunningRule,
    FeeItem,
    LateFeeRule,
)

DAY = timedelta(days=1)
# Days for which late fees are charged so far. Most homes pay by the half-year: the grace covers one whole.
LATE_DAYS = 45
RATE_BP, GRACE_DAYS = 5, 184
CALLS = (
    "儿子在外地，说这两天就在手机上缴。",
    "没人接，下午再打。",
    "说楼道灯一直没修好，先帮她报了修，月底来缴。",
    "记错了，以为扣过款，今天来缴。",
)
OBJECTIONS = (
    ("金额不对\n产权证上是86平，账单按89平算的。", "", ""),
    (
        "我已经缴过了\n上个月在窗口缴的现金。",
        "kept",
        "查了收据，上次缴的是前一个月，单子放在前台，您有空来看看。",
    ),
    ("不是我家的\n车位已经退了。", "kept", "车位确实退了，这笔是退之前那个月的，谢谢您理解。"),
)


def make_arrears(places: tuple[Place, Place], society: Society, now: datetime) -> int:
    """Creates the arrears of each estate, after its bills; returns the number of late fees."""
    for place in places:
        cashiers = society.of_role(place.estate, "cashier")
        manager = society.of_role(place.estate, "manager")[0]
        _charge(place, manager, now)
        homes = _late_homes(place, society, now)
        _object(homes[:3], manager, now)
        notes.mark_hardship(
            home=homes[3],
            reason="老两口都在住院，社区已经登记，先不催。",
            until_on=clock.today(now) + 90 * DAY,
            by=manager,
            now=now - 12 * DAY,
        )
        _remind(homes[4:24], cashiers[0], now)
        for number, words in enumerate(CALLS):
            notes.note_call(
                home=homes[4 + number],
                words=words,
                promised_on=clock.today(now) if number % 2 == 0 else None,
                key=UUID(int=place.estate.pk * 100 + number),
                by=cashiers[0],
                now=now - (4 - number) * DAY,
            )
        _ask_waiver(place, cashiers[0], now)
    return Bill.objects.filter(item__kind=FeeItem.Kind.LATE).count()


def _charge(place: Place, manager: User, now: datetime) -> None:
    first = clock.today(now) - LATE_DAYS * DAY
    LateFeeRule.objects.create(
        estate=place.estate,
        rate_bp=RATE_BP,
        grace_days=GRACE_DAYS,
        from_on=first,
        set_by=manager,
        created_at=now - (LATE_DAYS + 10) * DAY,
    )
    late_fees.charge_estate(place.estate, now=now)


def _late_homes(place: Place, society: Society, now: datetime) -> list[Home]:
    """Returns homes in arrears, those with an owner first, but for those of the people to be tried."""
    tried = Residency.objects.filter(user__in=list(society.by_key.values())).values("home")
    late = Bill.objects.in_arrears(clock.today(now)).filter(estate=place.estate, charged_to=None)
    owned = set(Residency.objects.active().filter(kind="owner").values_list("home", flat=True))
    homes = Home.objects.with_address().filter(pk__in=late.values("home")).exclude(pk__in=tried)
    return sorted(homes.order_by("pk"), key=lambda home: home.pk not in owned)[:30]


def _object(homes: list[Home], manager: User, now: datetime) -> None:
    for number, (home, (words, status, answer)) in enumerate(zip(homes, OBJECTIONS, strict=True)):
        resident = Residency.objects.active().filter(home=home, kind="owner")[0].user
        bill = Bill.objects.open().filter(home=home, charged_to=None).order_by("period", "pk")[0]
        at = now - (2 + 9 * number) * DAY
        dispute = disputes.raise_dispute(bill=bill, words=words, resident=resident, by=resident, now=at)
        if status:
            reply = disputes.Answer(status, answer)
            disputes.answer_dispute(dispute=dispute, answer=reply, by=manager, now=at + DAY)


def _remind(homes: list[Home], cashier: User, now: datetime) -> None:
    """Creates the rule and a finished round of reminders of three weeks ago."""
    at = now - 21 * DAY
    estate = homes[0].estate
    DunningRule.objects.create(estate=estate)
    late = Bill.objects.in_arrears(clock.today(at)).filter(home__in=homes, charged_to=None).order_by()
    sums = late.values("home").annotate(fen=Sum(F("amount_fen") - F("paid_fen")))
    fen = dict(sums.values_list("home", "fen"))
    done = DunningRound.Status.DONE
    made = DunningRound.objects.create(
        estate=estate,
        key=UUID(int=estate.pk),
        due_before=clock.today(at) - 15 * DAY,
        reminded_before=at - 30 * DAY,
        begun_by=cashier,
        upto=homes[-1].pk,
        homes=len(fen),
        total_fen=sum(fen.values()),
        progressed_at=at,
        status=done,
        status_changed_at=at,
        created_at=at,
    )
    record_first_status(made, by=cashier, now=at)
    DunningRoundChange.objects.create(round=made, from_status="running", to_status=done, at=at)
    DunningNotice.objects.bulk_create(
        DunningNotice(
            estate=estate,
            home=home,
            round=made,
            channel=DunningNotice.Channel.MESSAGE,
            amount_fen=fen[home.pk],
            bills=1,
            by=cashier,
            at=at,
        )
        for home in homes
        if home.pk in fen
    )


def _ask_waiver(place: Place, cashier: User, now: datetime) -> None:
    late = Bill.objects.open().filter(estate=place.estate, item__kind=FeeItem.Kind.LATE).with_lines().first()
    if late is not None:
        late_fees.ask_waiver(bill=late, fen=None, reason="住院期间没法来缴", by=cashier, now=now - DAY)
