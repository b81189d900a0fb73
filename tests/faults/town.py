"""What a town of the fault tests holds, made and checked in a process of the town's own settings.

``python -m tests.faults.town`` takes a line of JSON for each question, ``["make", 1, 60]``, and answers by a line:
``make`` makes the estate of this number with so many homes and tells who may do what there, ``newest`` names the
last message, ``unsent`` counts those up to one that wait, ``check`` takes the acts that were answered as saved and
tells what is not as it should be.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import django

# A crew has so many places at each hour.
PLACES, HOURS = 6, 8
# More names and numbers than an estate needs.
NAMES = 1000


def main() -> None:
    django.setup()
    from django.db import connections

    answers: dict[str, Callable[..., Any]] = {
        "make": _make,
        "newest": _newest,
        "unsent": _unsent,
        "check": _check,
    }
    for line in sys.stdin:
        what, *given = json.loads(line)
        print(json.dumps(answers[what](*given), ensure_ascii=False), flush=True)
        connections.close_all()


def _make(number: int, homes: int) -> dict[str, Any]:
    from tests import factories as make
    from tests.factories.base import numbers
    from tests.factories.renovation import Site
    from tests.support.browser import session_cookie

    numbers.restart(number * NAMES)
    site = Site()
    estate = site.estate
    leak = make.make_category(parent=make.make_category(estate=estate), name="漏水")
    slots = [site.slot(at=time(9 + hour), capacity=PLACES) for hour in range(HOURS)]
    item = make.make_item(estate=estate)
    cashier = make.make_cashier(estate=estate)
    desk = make.make_staff(estate=estate, name="周婷")
    make.make_week_of_duty(estate=estate, user=desk)
    people = []
    for number in range(homes):
        home = make.make_home(entrance=site.home.entrance, number=f"{number + 1000}")
        resident = make.make_resident(home=home, name=f"住户{number}")
        bill = make.make_bill(home=home, item=item)
        people.append(
            {
                "session": session_cookie(resident),
                "home": home.pk,
                "bill": bill.pk,
                "yuan": f"{bill.amount_fen / 100:.2f}",
            }
        )
    return {
        "category": leak.pk,
        "times": f"/renovation/{site.project.pk}/home/{{}}/work/{site.item.pk}/",
        "slots": [slot.pk for slot in slots],
        "cashier": session_cookie(cashier),
        "people": people,
    }


def _newest() -> int:
    from community.notifications.models import OutboxMessage

    return OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _unsent(newest: int) -> int:
    """Counts the messages up to this one that are neither sent nor given up; a call goes on to make new ones."""
    from community.notifications.models import OutboxMessage

    return (
        OutboxMessage.objects.filter(pk__lte=newest)
        .exclude(status__in=["sent", "passed_on", "failed"])
        .count()
    )


def _check(saved: list[dict[str, Any]]) -> list[str]:
    return list(_wrong(saved))


def _wrong(saved: list[dict[str, Any]]) -> Iterator[str]:
    """Yields a sentence for each thing that is lost, doubled or out of balance."""
    from community.core import audit_check, clock
    from services.fees.reconciliation import differences

    yield from map(str, differences())
    yield from audit_check.problems(now=clock.now())
    yield from _lost_or_doubled(saved)
    yield from _wrong_places()
    yield from _wrong_messages()


def _lost_or_doubled(saved: list[dict[str, Any]]) -> Iterator[str]:
    from services.fees.models import Payment, PaymentLine
    from services.help.models import HelpCall
    from services.renovation.models import Appointment
    from services.repairs.models import Repair, RepairDraft

    found = {
        "repair": Counter(
            str(key) for key in RepairDraft.objects.exclude(repair=None).values_list("pk", flat=True)
        ),
        "time": Counter(str(key) for key in Appointment.objects.live().values_list("place__key", flat=True)),
        "cash": Counter(str(key) for key in Payment.objects.values_list("key", flat=True)),
        "call": Counter(str(key) for key in HelpCall.objects.values_list("key", flat=True)),
    }
    for act in saved:
        times = found[act["kind"]][act["key"]]
        if times != 1:
            yield f"{act['kind']} {act['key']} was answered as saved and is there {times} times"
    if (there := Repair.objects.count()) != len(found["repair"]):
        yield f"{there} repairs of {len(found['repair'])} reports"
    homes = Counter(Appointment.objects.live().values_list("home", flat=True))
    yield from (f"home {home} has {times} times for one work" for home, times in homes.items() if times > 1)
    bills = Counter(PaymentLine.objects.values_list("bill", flat=True))
    yield from (f"bill {bill} was paid {times} times" for bill, times in bills.items() if times > 1)


def _wrong_places() -> Iterator[str]:
    from services.scheduling.models import Slot

    for slot in Slot.objects.prefetch_related("places"):
        live = slot.places.live().count()  # type: ignore[attr-defined]
        if not live == slot.taken <= slot.capacity:
            yield f"slot {slot.pk} counts {slot.taken} of {slot.capacity} places, {live} are taken"


def _wrong_messages() -> Iterator[str]:
    from community.notifications.models import InboxNotice, OutboxMessage

    keys = Counter(InboxNotice.objects.values_list("user", "key"))
    yield from (f"notice {key} was told {times} times" for key, times in keys.items() if times > 1)
    failed = Counter(OutboxMessage.objects.filter(status="failed").values_list("channel", "error"))
    yield from (
        f"{times} messages by {channel} failed: {error}" for (channel, error), times in failed.items()
    )


if __name__ == "__main__":
    main()
