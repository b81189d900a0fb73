"""Two weeks of statements of the practice provider: all but two days match."""

from datetime import datetime, timedelta

from accounts.models import StaffRole, User
from community.core import clock
from services.fees.matching import actions
from services.fees.models import MatchingDay, SandboxOrder
from services.fees.providers.sandbox import Sandbox

DAYS = 14
# Days ago of a line of nobody and of another amount; the newest days wait for a person.
OF_NOBODY, OTHER_AMOUNT, NOT_AGREED = 4, 6, 2
MORNING = timedelta(hours=10, minutes=20)


def match_statements(now: datetime) -> None:
    """Fetches and matches the statements of the last two weeks, and agrees to most of the days."""
    manager = User.objects.filter(staff_roles__role=StaffRole.Role.MANAGER).order_by("pk").first()
    assert manager is not None
    today = clock.today(now)
    _plant_line_of_nobody(clock.midnight(today - timedelta(days=OF_NOBODY)))
    _plant_other_amount(clock.midnight(today - timedelta(days=OTHER_AMOUNT)))
    for ago in range(DAYS, 0, -1):
        at = min(clock.midnight(today - timedelta(days=ago - 1)) + MORNING, now)
        day = MatchingDay.objects.create(
            provider=Sandbox.name,
            day=today - timedelta(days=ago),
            ask_at=at,
            status_changed_at=at,
            created_at=at,
        )
        actions.fetch_day(day=day, now=at)
        left = actions.match_day(day=day, now=at)
        if ago > NOT_AGREED and not left:
            actions.agree_day(day=day, by=manager, now=min(at + timedelta(hours=1), now))


def _plant_line_of_nobody(begins: datetime) -> None:
    at = begins + timedelta(hours=15, minutes=8)
    SandboxOrder.objects.create(
        order_number="shop-20481",
        amount_fen=3600,
        return_url="/",
        status=SandboxOrder.Status.PAID,
        number=f"S{begins:%Y%m%d}20481",
        paid_at=at,
        created_at=at,
    )


def _plant_other_amount(begins: datetime) -> None:
    of_day = SandboxOrder.objects.filter(paid_at__gte=begins, paid_at__lt=begins + timedelta(days=1))
    if order := of_day.order_by("pk").first():
        order.amount_fen += 1000
        order.save()
