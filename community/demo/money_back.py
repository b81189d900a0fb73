"""Money that is held or went back: deposits of each kind, refunds in part, a payment moved to its home.

Written by the actions themselves, on past days, each in a shift of the till that is closed in the evening.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import F

from accounts.models import Residency, User
from community.core import clock
from community.demo.places import Place
from community.demo.provider_orders import refund_number
from community.demo.residents import Society
from community.estates.models import Estate, Home
from services.fees import actions
from services.fees.billing.actions import CounterCharge, charge_at_counter
from services.fees.counter.actions import PIECES, Count, close_shift, open_shift
from services.fees.counter.banking import Slip, bank_cash, undo_banked
from services.fees.counter.queries import expected_fen
from services.fees.models import Deposit, FeeItem, Payment, Refund, Shift
from services.fees.providers.base import Result, State

# Cash that lies in the till in the morning; more on a day on which deposits go back.
FLOAT_FEN, FULL_FEN = 50_000, 600_000
# Kind, words, fen and way of the deposits of an estate.
DEPOSITS = (
    ("fit_out", "好家装饰公司", 200_000, "pos", "009127"),
    ("fit_out", "", 200_000, "cash", ""),
    ("door_card", "0417", 2_000, "cash", ""),
    ("door_card", "0418 0419", 4_000, "wechat_code", "4200017"),
    ("parking", "苏A·D2071", 50_000, "transfer", "T20261"),
    ("parking", "苏A·6K883", 50_000, "cash", ""),
    ("other", "活动室钥匙", 5_000, "cash", ""),
)


def make_money_back(places: tuple[Place, Place], society: Society, draw: Random, now: datetime) -> int:
    """Creates deposits, refunds and a moved payment in each estate; returns the number of deposits."""
    for place in places:
        _Counter(place, society, draw, now).write()
    return Deposit.objects.count()


@dataclass
class _Counter:
    """The counter of one estate: who asks is its cashier, who agrees its manager."""

    place: Place
    society: Society
    draw: Random
    now: datetime

    def write(self) -> None:
        with self._shift(160, FLOAT_FEN) as at:
            deposits = self._take_deposits(at)
        with self._shift(9, FULL_FEN) as at:
            self._pay_back_deposit(deposits[1], at)
            first, second, third = self._cash_payments(at)
            self._agree(self._ask_part(first, "多缴一个月", at), at)
            self._move(second, at)
            self._move_deposit(deposits[4], at)
            self._bank(at)
        yesterday = self._at(1)
        self._charge_a_card(yesterday)
        self._ask_part(third, "地下室不收这项费用", yesterday)
        self._by_provider("alipay", "车位已退租", self._at(8), is_done=True)
        self._by_provider("wechat", "多缴一个月", self._at(6), is_done=True)
        self._by_provider("wechat", "家里人已经缴过", yesterday, is_done=False)

    @property
    def estate(self) -> Estate:
        return self.place.estate

    @property
    def cashier(self) -> User:
        return self.society.of_role(self.estate, "cashier")[0]

    @property
    def manager(self) -> User:
        return self.society.of_role(self.estate, "manager")[0]

    def _at(self, days: int) -> datetime:
        return clock.midnight(clock.today(self.now) - timedelta(days=days)) + timedelta(hours=10)

    @contextmanager
    def _shift(self, days: int, float_fen: int) -> Iterator[datetime]:
        at = self._at(days)
        with _set_aside(self.estate):
            shift = open_shift(estate=self.estate, float_fen=float_fen, by=self.cashier, now=at)
            yield at + timedelta(minutes=20)
            fen = expected_fen(shift)
            count = Count(fen, pieces=_pieces_of(fen))
            close_shift(shift=shift, count=count, by=self.cashier, now=at + timedelta(hours=7))

    def _key(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128), version=4)

    # -- Deposits

    def _take_deposits(self, at: datetime) -> list[Deposit]:
        homes = self._homes(len(DEPOSITS))
        return [
            self._take(home, row, at + timedelta(minutes=9 * number))
            for number, (home, row) in enumerate(zip(homes, DEPOSITS, strict=True))
        ]

    def _homes(self, count: int) -> list[tuple[Home, User]]:
        """Returns homes with a payer each; those of the people to be tried come first."""
        tried = [self.society.by_key[key] for key in ("owner", "tenant", "elder")]
        here = Residency.objects.active().filter(home__entrance__building__estate=self.estate)
        first = here.filter(user__in=tried).select_related("home", "user").order_by("pk")
        pairs = [(one.home, one.user) for one in first][:3]
        taken = {home.pk for home, _user in pairs}
        others = [one for one in self.society.households[self.estate.pk] if one.home.pk not in taken]
        return pairs + [(one.home, one.user) for one in self.draw.sample(others, count - len(pairs))]

    def _take(self, who: tuple[Home, User], row: tuple[str, str, int, str, str], at: datetime) -> Deposit:
        (home, payer), (kind, words, fen, way, slip) = who, row
        paid = actions.CounterPayment(
            home=home, amounts={}, payer=payer, payer_name="", key=self._key(), channel=way, slip_number=slip
        )
        taken = actions.DepositTaken(kind=kind, words=words, amount_fen=fen, paid=paid)
        return actions.take_deposit(taken, by=self.cashier, now=at)

    def _pay_back_deposit(self, deposit: Deposit, at: datetime) -> None:
        item = FeeItem.objects.filter(estate=self.estate, basis=FeeItem.Basis.SINGLE).order_by("pk")[0]
        payer = deposit.payment.payer
        payout = actions.Payout(
            amount_fen=170_000,
            channel=Payment.CASH,
            slip_number="",
            payee_name=payer.name if payer else "住户",
            reason="装修完工，楼道墙面碰损扣修补费",
            key=self._key(),
        )
        refund = actions.ask_deposit_back(
            deposit=deposit,
            payout=payout,
            deduction=actions.Deduction(30_000, item),
            by=self.cashier,
            now=at,
        )
        self._agree(refund, at)

    def _move_deposit(self, deposit: Deposit, at: datetime) -> None:
        """Moves a deposit that was taken for the home next door."""
        homes = Home.objects.filter(entrance=deposit.home.entrance_id).exclude(pk=deposit.home_id)
        to = actions.Move(
            home=homes.order_by("pk")[0],
            bills=[],
            payer=None,
            payer_name="周建国",
            reason="车位是隔壁那户的",
        )
        actions.move_payment(payment=deposit.payment, to=to, by=self.cashier, now=at + timedelta(hours=1))

    def _charge_a_card(self, at: datetime) -> None:
        """Charges a home for a door card that was lost."""
        item = FeeItem.objects.get(estate=self.estate, name="门禁卡工本费")
        home = self.society.households[self.estate.pk][-1].home
        charge_at_counter(
            CounterCharge(home, item, 2_000, "补办门禁卡 1 张", None, self._key()), by=self.cashier, now=at
        )

    def _bank(self, at: datetime) -> None:
        """Brings cash to the bank twice; the manager undoes the one with a sum that was typed wrongly."""
        shift = Shift.objects.open_of(self.cashier, self.estate.pk)
        assert shift is not None
        for number, fen, hour in (("JK0310271", 150_000, 3), ("JK0310272", 100_000, 4)):
            slip, when = Slip(number, fen, self._key()), at + timedelta(hours=hour)
            banked = bank_cash(shift=shift, slip=slip, by=self.cashier, now=when)
        later = at + timedelta(hours=5)
        undo_banked(banked=banked, reason="存单金额看错", by=self.manager, now=later)

    # -- Payments

    def _cash_payments(self, at: datetime) -> list[Payment]:
        return self._payments(Payment.CASH, at, 3)

    def _payments(self, channel: str, at: datetime, count: int) -> list[Payment]:
        """Returns payments of before, each of several bills, none of the people to be tried."""
        tried = [user.pk for user in self.society.by_key.values()]
        rows = Payment.objects.filter(
            estate=self.estate, channel=channel, status=Payment.Status.PAID, paid_at__lt=at
        )
        fitting = rows.filter(lines__isnull=False, payer__isnull=False).exclude(payer__in=tried).distinct()
        return list(fitting.select_related("home", "payer").order_by("-paid_at", "-pk")[:count])

    def _by_provider(self, channel: str, reason: str, at: datetime, *, is_done: bool) -> None:
        """Has a provider pay a part back; without ``is_done`` it is on its way."""
        refund = self._ask_part(self._payments(channel, at, 1)[0], reason, at)
        self._agree(refund, at)
        actions.apply_refund_answer(refund, Result(State.WAITING), now=at + timedelta(minutes=6))
        if is_done:
            told = Result(State.PAID, refund_number(refund), refund.amount_fen)
            actions.apply_refund_answer(refund, told, now=at + timedelta(hours=2))

    def _ask_part(self, payment: Payment, reason: str, at: datetime) -> Refund:
        line = payment.lines.order_by("-bill__period")[0]
        parts = actions.RefundParts({line.pk: line.applied_fen})
        return actions.request_refund(
            payment=payment, by=self.cashier, reason=reason, parts=parts, key=self._key(), now=at
        )

    def _agree(self, refund: Refund, at: datetime) -> None:
        actions.approve_refund(refund=refund, by=self.manager, now=at + timedelta(minutes=5))

    def _move(self, payment: Payment, at: datetime) -> None:
        others = [one for one in self.society.households[self.estate.pk] if one.home.pk != payment.home_id]
        # Somebody of the same entrance, where anybody else lives there.
        other = min(others, key=lambda one: (one.home.entrance_id != payment.home.entrance_id, one.home.pk))
        to = actions.Move(
            home=other.home,
            bills=list(other.home.bills.open().order_by("period", "pk").values_list("pk", flat=True)),  # type: ignore[attr-defined]
            payer=other.user,
            payer_name="",
            reason="房号录错",
        )
        actions.move_payment(payment=payment, to=to, by=self.cashier, now=at + timedelta(minutes=30))


@contextmanager
def _set_aside(estate: Estate) -> Iterator[None]:
    """Sets today's open shifts of an estate aside: a cashier has one at a time, and earlier ones are written now."""
    keys = list(Shift.objects.open().filter(estate=estate).values_list("pk", flat=True))
    today = Shift.objects.filter(pk__in=keys)
    today.update(status=Shift.Status.CLOSED, closed_at=F("opened_at"), expected_fen=0, counted_fen=0)
    yield
    today.update(status=Shift.Status.OPEN, closed_at=None, expected_fen=None, counted_fen=None)


def _pieces_of(fen: int) -> dict[int, int]:
    """Returns the fewest notes and coins that make up a sum; nothing for one that has single fen."""
    pieces = {}
    for value in PIECES:
        pieces[value], fen = divmod(fen, value)
    return {} if fen else {value: number for value, number in pieces.items() if number}
