"""Two weeks of statements of both providers, from the demo's payment server: all but two days match."""

from datetime import date, datetime, timedelta

from accounts.models import StaffRole, User
from community.core import clock
from community.demo.payments import statements
from community.demo.payments.shared import Shared
from community.demo.provider_orders import open_server, paid_order, write_orders
from services.fees.matching import actions
from services.fees.models import MatchingDay, MerchantAccount
from services.fees.providers import alipay, wechat
from services.fees.providers.base import Statement

DAYS = 14
# Days ago of a line of nobody, and after which none has another amount; the newest days wait for a person.
OF_NOBODY, OTHER_AMOUNT, NOT_AGREED = 4, 5, 2
MORNING = timedelta(hours=10, minutes=20)


def match_statements(now: datetime) -> None:
    """Writes the orders of all payments on line, then matches the statements of the last two weeks, and agrees to
    most of the days.
    """
    manager = User.objects.filter(staff_roles__role=StaffRole.Role.MANAGER).order_by("pk").first()
    assert manager is not None
    today, shared = clock.today(now), open_server()
    write_orders(shared)
    merchants = {one.provider: one for one in MerchantAccount.objects.order_by("pk")}
    _plant_line_of_nobody(shared, merchants["wechat"], clock.midnight(today - timedelta(days=OF_NOBODY)))
    first, last = (clock.midnight(today - timedelta(days=ago)) for ago in (DAYS, OTHER_AMOUNT))
    _plant_other_amount(shared, first, last)
    for merchant in merchants.values():
        for ago in range(DAYS, 0, -1):
            _match(shared, merchant, today - timedelta(days=ago), manager, now)


def _match(shared: Shared, merchant: MerchantAccount, on: date, manager: User, now: datetime) -> None:
    at = min(clock.midnight(on + timedelta(days=1)) + MORNING, now)
    day = MatchingDay.objects.create(
        provider=merchant.provider,
        merchant=merchant,
        day=on,
        ask_at=at,
        status_changed_at=at,
        created_at=at,
    )
    actions.store_statement(day, _statement(shared, merchant, on), now=at)
    left = actions.match_day(day=day, now=at)
    if on < clock.today(now) - timedelta(days=NOT_AGREED) and not left:
        actions.agree_day(day=day, by=manager, now=min(at + timedelta(hours=1), now))


def _statement(shared: Shared, merchant: MerchantAccount, on: date) -> Statement:
    """Reads the server's statement of a day as the provider's client does, without asking for it over HTTP."""
    if merchant.provider == "wechat":
        text = statements.wechat(shared, on.isoformat())
        return wechat.statement.read_statement(text, merchant) if text else Statement(b"", [])
    text = statements.alipay_text(shared, on.isoformat())
    return alipay.statement.read_statement(text) if text else Statement(b"", [])


def _plant_line_of_nobody(shared: Shared, merchant: MerchantAccount, begins: datetime) -> None:
    at = (begins + timedelta(hours=15, minutes=8)).timestamp()
    paid = {"amount": 3600, "paid_number": f"42000{begins:%Y%m%d}0000020481"}
    times = {"created_at": at, "expires_at": at, "paid_at": at}
    shared.store.add("orders", **(paid_order(merchant, "shop-20481", "小卖部") | paid | times))


def _plant_other_amount(shared: Shared, first: datetime, last: datetime) -> None:
    shared.store.write(
        """UPDATE orders SET amount = amount + 1000 WHERE number = (SELECT number FROM orders
            WHERE provider = 'wechat' AND paid_at >= ? AND paid_at < ? ORDER BY paid_at DESC LIMIT 1)""",
        first.timestamp(),
        last.timestamp(),
    )
