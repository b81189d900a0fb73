"""Two years of bills for every home of the demo, most of them paid, with a ledger that agrees.

Rows are made in the database (INSERT … SELECT): a quarter of a million in seconds. A test runs ``manage.py
check_ledger`` on them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import F, Max, Sum

from accounts.models import Residency, User
from community.core import clock
from community.demo.fee_books import sql, write_ledger
from community.demo.meters import Waterworks
from community.demo.places import Place
from community.demo.residents import Society
from community.demo.tills import hand_over_tills, open_shifts
from community.estates.models import Estate
from services.common.models import ReferenceCounter
from services.fees.billing.actions.charges import due_on
from services.fees.models import (
    Bill,
    BillingRun,
    BillingRunChange,
    BillLine,
    FeeItem,
    MerchantAccount,
    Payment,
    Tariff,
)
from services.fees.terms import last_of_month, period_span

MONTHS = 24
# Months of a payment; the last half-year ends with the present month.
HALF = 6
LATE_SHARE, OPEN_SHARE, CASH_SHARE, AHEAD_SHARE = 0.12, 0.3, 0.4, 0.02
DUE_DAYS = 30
# Units of 0.0001 yuan a month: property fee before and after the owners' meeting, and the rubbish fee.
RATES = {0: (13500, 15000), 1: (18500, 20500)}
RUBBISH = 50000
# Ways at the counter, most of it cash.
WAYS = (*(["cash"] * 5), "pos", "wechat_code", "transfer", "alipay_code")
# Providers on line, and how their numbers begin.
ONLINE = (*(["wechat"] * 7), *(["alipay"] * 4))
PREFIXES = {"wechat": "42000", "alipay": "2026"}
MADE_AT = timedelta(hours=2)  # 10 in the morning of the first, in China
PAID_TODAY = 14


@dataclass
class Months:
    """Months of the demo; the present one is last."""

    now: datetime

    def __post_init__(self) -> None:
        last = clock.today(self.now).replace(day=1)
        first = last.year * 12 + last.month - MONTHS
        self.days = [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(MONTHS)]

    def made_at(self, number: int) -> datetime:
        morning = clock.midnight(self.days[number])
        return min(morning + 5 * MADE_AT, self.now - timedelta(hours=1))

    def some_time(self, number: int, draw: Random) -> datetime:
        """Returns a time in daylight of that month, after its bills were made."""
        begin = self.made_at(number)
        last = last_of_month(begin).day
        at = begin + timedelta(days=draw.randrange(0, max(last - begin.day, 1)), minutes=draw.randrange(500))
        return at if at < self.now else begin + (self.now - begin) * draw.random()


def make_fees(places: tuple[Place, Place], society: Society, draw: Random, now: datetime) -> int:
    """Creates all bills, payments and ledger rows; returns the number of bills."""
    months = Months(now)
    # In the other estate the owners pay.
    Estate.objects.filter(pk=places[0].estate.pk).update(tenants_pay=True)
    paid_until = _paid_until(places, society, draw)
    for number, place in enumerate(places):
        _Estate(place, society, months, draw).make(number, paid_until)
    open_shifts(now)
    write_ledger(now)
    hand_over_tills(now)
    return Bill.objects.count()


def _paid_until(places: tuple[Place, Place], society: Society, draw: Random) -> dict[int, int]:
    """Returns for each home the number of the last month that is paid."""
    until = {}
    for place in places:
        for home in place.homes:
            chance = draw.random()
            if chance < LATE_SHARE:
                until[home.pk] = MONTHS - 1 - draw.choice((3, 3, 4, 5, 6, 8, 11))
            else:
                until[home.pk] = MONTHS - 2 if chance < LATE_SHARE + OPEN_SHARE else MONTHS - 1
    # Some owe for more than a year.
    oldest = [home for home, month in until.items() if month == MONTHS - 12]
    until |= dict.fromkeys(oldest[::2], MONTHS - 16)
    behind = {"elder": 1, "owner": 3, "tenant": 0}
    for key, months in behind.items():
        living = Residency.objects.active().filter(user=society.by_key[key])
        until |= dict.fromkeys(living.values_list("home", flat=True), MONTHS - 1 - months)
    return until


class _Estate:
    """Bills and payments of one estate."""

    def __init__(self, place: Place, society: Society, months: Months, draw: Random) -> None:
        self.place, self.months, self.draw = place, months, draw
        self.estate, self.society = place.estate, society
        self.cashier = society.of_role(self.estate, "cashier")[0]
        self.payers = self._payers(society)
        self.merchants = {one.provider: one for one in MerchantAccount.objects.for_estate(place.estate)}
        self.counters: dict[tuple[str, date], int] = {}

    def _payers(self, society: Society) -> dict[int, User]:
        """Returns the payer of each home: its first resident."""
        payers: dict[int, User] = {}
        for household in society.households[self.estate.pk]:
            payers.setdefault(household.home.pk, household.user)
        return payers

    def make(self, number: int, paid_until: dict[int, int]) -> None:
        before, after = RATES[number]
        fee = self._item("物业费", "Property fee", FeeItem.Kind.PROPERTY, FeeItem.Basis.AREA)
        rubbish = self._item("垃圾清运费", "Rubbish collection", FeeItem.Kind.OTHER, FeeItem.Basis.HOME)
        rubbish.every, rubbish.is_in_advance = FeeItem.Every.YEAR, True
        rubbish.save()
        self._item("门禁卡工本费", "Door card", FeeItem.Kind.OTHER, FeeItem.Basis.SINGLE)
        days = self.months.days
        changed_on = next(day for day in days if day.month == 1)
        Tariff.objects.create(item=fee, from_on=days[0].replace(year=days[0].year - 3), rate_hao=before)
        Tariff.objects.create(item=fee, from_on=changed_on.replace(year=days[-1].year), rate_hao=after)
        Tariff.objects.create(item=rubbish, from_on=days[0].replace(year=days[0].year - 3), rate_hao=RUBBISH)
        for month, day in enumerate(days):
            self._run(fee, month, after if day >= changed_on.replace(year=days[-1].year) else before)
            if day.month == 1:
                self._run(rubbish, month, RUBBISH)
        if number == 0:
            Waterworks(self.place, self.society, self.cashier, days, self.months.now).make(self._numbers)
        self._settle(paid_until)
        for half in range(MONTHS // HALF):
            self._pay(half, paid_until)
        self._pay_ahead()
        ReferenceCounter.objects.bulk_create(
            ReferenceCounter(estate=self.estate, letter=letter, day=day, last=last)
            for (letter, day), last in self.counters.items()
        )

    def _item(self, name: str, name_en: str, kind: str, basis: str) -> FeeItem:
        return FeeItem.objects.create(
            estate=self.estate, name=name, name_en=name_en, kind=kind, basis=basis, due_days=DUE_DAYS
        )

    # -- Bills

    def _run(self, item: FeeItem, month: int, rate_hao: int) -> None:
        """Creates a finished billing run with a bill for each home."""
        run = self._done(item, month, rate_hao)
        self._make_bills(run, self.months.made_at(month))
        total = run.bills.aggregate(fen=Sum("amount_fen"))["fen"]
        BillingRun.objects.filter(pk=run.pk).update(total_fen=total)

    def _done(self, item: FeeItem, month: int, rate_hao: int) -> BillingRun:
        day, at, homes = self.months.days[month], self.months.made_at(month), len(self.place.homes)
        run = BillingRun.objects.create(
            estate=self.estate,
            item=item,
            period=day,
            status=BillingRun.Status.DONE,
            status_changed_at=at,
            begun_by=self.cashier,
            created_at=at,
            rates=[[day.isoformat(), rate_hao]],
            progressed_at=at,
            homes=homes,
            seen=homes,
            made=homes,
        )
        BillingRunChange.objects.bulk_create(
            BillingRunChange(run=run, from_status=before, to_status=to, actor=self.cashier, at=at)
            for before, to in (("", "preview"), ("preview", "running"), ("running", "done"))
        )
        return run

    def _make_bills(self, run: BillingRun, at: datetime) -> None:
        """Creates the bills and their lines, each by one statement; amounts are rounded as in core/money.py."""
        item, day = run.item, run.period
        by_area = item.basis == FeeItem.Basis.AREA
        quantity = "h.area_dm2 * 10" if by_area else "1000"
        given = {
            "estate": self.estate.pk,
            "prefix": f"B-{clock.today(at):%y%m%d}-",
            "after": self._numbers("B", at, run.homes),
            "item": item.pk,
            "day": day,
            "last": period_span(day, item.every).last,
            "run": run.pk,
            "rate": run.rates[0][1],
            "months": item.every,
            "due": due_on(item, day),
            "at": at,
            "unit": BillLine.Unit.AREA if by_area else BillLine.Unit.HOME,
        }
        sql(
            # Contains no input.
            f"""INSERT INTO fees_bill (estate_id, reference, home_id, item_id, subject, period, run_id,
                amount_fen, paid_fen, months, words, is_exempt, due_on, status, status_changed_at, created_at)
            SELECT %(estate)s, %(prefix)s || substr(CAST(10000 + %(after)s
                + row_number() OVER (ORDER BY h.id) AS text), 2),
                h.id, %(item)s, '', %(day)s, %(run)s,
                (2 * CAST({quantity} AS bigint) * %(rate)s * %(months)s + 100000) / 200000, 0,
                %(months)s, '', FALSE, %(due)s, 'open', %(at)s, %(at)s
            FROM estates_home h JOIN estates_entrance e ON e.id = h.entrance_id
                JOIN estates_building b ON b.id = e.building_id
            WHERE b.estate_id = %(estate)s""",  # noqa: S608
            **given,
        )
        sql(
            f"""INSERT INTO fees_billline (bill_id, number, kind, words, from_on, to_on, months, quantity_milli,
                unit, rate_hao, amount_fen)
            SELECT i.id, 1, 'rate', '', %(day)s, %(last)s, %(months)s, {quantity}, %(unit)s, %(rate)s,
                i.amount_fen
            FROM fees_bill i JOIN estates_home h ON h.id = i.home_id WHERE i.run_id = %(run)s""",  # noqa: S608
            **given,
        )

    def _numbers(self, letter: str, at: datetime, count: int) -> int:
        """Returns the last reference before ``count`` new ones of that day."""
        key = letter, clock.today(at)
        before = self.counters.get(key, 0)
        self.counters[key] = before + count
        return before

    def _settle(self, paid_until: dict[int, int]) -> None:
        """Settles all bills up to the last paid month of each home."""
        groups: dict[int, list[int]] = {}
        for home in self.place.homes:
            groups.setdefault(paid_until[home.pk], []).append(home.pk)
        for month, homes in groups.items():
            bills = Bill.objects.filter(home__in=homes, period__lte=self.months.days[month])
            bills.update(status=Bill.Status.SETTLED, paid_fen=F("amount_fen"))

    # -- Payments

    def _pay(self, half: int, paid_until: dict[int, int]) -> None:
        """Creates a payment with lines for the paid part of a half-year of each home."""
        first, last = half * HALF, half * HALF + HALF - 1
        days = self.months.days
        settled = Bill.objects.filter(
            estate=self.estate, status=Bill.Status.SETTLED, period__gte=days[first], period__lte=days[last]
        ).order_by()
        sums = settled.values("home").annotate(fen=Sum("amount_fen")).values_list("home", "fen")
        before = Payment.objects.aggregate(last=Max("pk"))["last"] or 0
        rows = [
            self._payment(home, fen, self.months.some_time(min(paid_until[home], last), self.draw))
            for home, fen in sorted(sums)
        ]
        if last == MONTHS - 1:
            for payment in self.draw.sample(rows, PAID_TODAY):
                self._move(payment, self.months.now - timedelta(minutes=self.draw.randrange(15, 200)))
        Payment.objects.bulk_create(rows)
        sql(
            """INSERT INTO fees_paymentline (payment_id, bill_id, amount_fen, applied_fen)
            SELECT p.id, b.id, b.amount_fen, b.amount_fen FROM fees_payment p
                JOIN fees_bill b ON b.home_id = p.home_id AND b.status = 'settled'
                    AND b.period >= %(first)s AND b.period <= %(last)s
            WHERE p.estate_id = %(estate)s AND p.id > %(before)s ORDER BY p.id, b.id""",
            first=days[first],
            last=days[last],
            estate=self.estate.pk,
            before=before,
        )

    def _payment(self, home_pk: int, fen: int, at: datetime) -> Payment:
        is_cash = self.draw.random() < CASH_SHARE
        payer = self.payers.get(home_pk)
        at_counter = is_cash or payer is None
        way = WAYS[home_pk % len(WAYS)] if at_counter else ONLINE[home_pk % len(ONLINE)]
        payment = Payment(
            estate=self.estate,
            key=UUID(int=self.draw.getrandbits(128), version=4),
            home_id=home_pk,
            payer=payer,
            payer_name="" if payer else "住户",
            made_by=self.cashier if at_counter else payer,
            channel=way,
            merchant=self.merchants.get(way),
            slip_number="" if way == Payment.CASH or way in self.merchants else f"{home_pk:08d}",
            amount_fen=fen,
            status=Payment.Status.PAID,
        )
        self._move(payment, at)
        return payment

    def _move(self, payment: Payment, at: datetime) -> None:
        """Moves a payment to another time, with the references of that day."""
        number = self._numbers("P", at, 1) + 1
        payment.reference = f"P-{clock.today(at):%y%m%d}-{number:04d}"
        payment.paid_at = payment.status_changed_at = payment.created_at = at
        if payment.merchant:
            prefix = PREFIXES[payment.channel]
            payment.provider_number = f"{prefix}{clock.today(at):%Y%m%d}{self.estate.pk:03d}{number:07d}"

    def _pay_ahead(self) -> None:
        """Gives a few homes a prepayment."""
        now = self.months.now
        homes = self.draw.sample(self.place.homes, int(len(self.place.homes) * AHEAD_SHARE))
        Payment.objects.bulk_create(
            self._payment(
                home.pk,
                self.draw.choice((20000, 30000, 50000)),
                now - timedelta(days=self.draw.randrange(1, 40)),
            )
            for home in homes
        )
