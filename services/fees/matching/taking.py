"""A line of a bank that no payment is for: the homes that it may be of, and the counter's fields for it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Q, Sum

from accounts.http import SignedInRequest
from accounts.models import Residency
from community.estates.models import Home
from services.fees.forms.staff import SOMEBODY_ELSE
from services.fees.models import Bill, MatchingDifference

MAX_SLIP = 40
MAX_NAME = 40
MAX_HOMES = 20
TO_TAKE = (MatchingDifference.Kind.UNKNOWN, MatchingDifference.Kind.PROPOSED)


def lines_to_take(user: Any) -> Any:
    """Returns the open differences of banks' lines for which a payment can be taken at the counter."""
    rows = MatchingDifference.objects.open().visible_to(user)
    rows = rows.filter(day__sheet__isnull=False, line__isnull=False, kind__in=TO_TAKE)
    return rows.select_related("day__sheet__estate", "line", "payment")


def line_to_take(request: SignedInRequest, home: Home) -> MatchingDifference | None:
    """Returns the line that the address names, ``?difference=12``, if its money may be of this home."""
    named = request.GET.get("difference", "")
    if not (named.isascii() and named.isdigit() and len(named) < 19):
        return None
    found: MatchingDifference | None = (
        lines_to_take(request.user).filter(pk=int(named), estate=home.estate).first()
    )
    return found


def fields_of(
    difference: MatchingDifference, bills: Sequence[Bill], living: Iterable[Residency]
) -> dict[str, Any]:
    """Returns initial values of the counter's form that add up to the line: the bill or bills of its sum, else
    the oldest ones, and the rest as prepayment.
    """
    line, sheet = difference.line, difference.day.sheet
    assert line is not None
    assert sheet is not None
    payer = next((str(one.user.pk) for one in living if one.user.name == line.party), SOMEBODY_ELSE)
    ticked, left = set(), line.amount_fen
    same = [bill for bill in bills if bill.unpaid_fen == line.amount_fen]
    for bill in same[:1] or bills:
        if bill.unpaid_fen <= left:
            ticked.add(bill.pk)
            left -= bill.unpaid_fen
    return {
        **{f"tick_{bill.pk}": bill.pk in ticked for bill in bills},
        "extra": left or None,
        "payer": payer,
        "payer_name": line.party[:MAX_NAME] if payer == SOMEBODY_ELSE else "",
        "channel": sheet.ways[0],
        "slip_number": (line.number or line.order_number)[:MAX_SLIP],
    }


def homes_of_sum(difference: MatchingDifference) -> list[Home]:
    """Returns homes of the estate that owe exactly the sum of the line, by one bill or by all. Two queries."""
    line = difference.line
    assert line is not None
    bills = Bill.objects.open().filter(estate=line.estate_id).order_by()
    unpaid = F("amount_fen") - F("paid_fen")
    owed = bills.values("home").annotate(fen=Sum(unpaid)).filter(fen=line.amount_fen).values("home")
    one_bill = bills.annotate(fen=unpaid).filter(fen=line.amount_fen).values("home")
    rows = Home.objects.filter(Q(pk__in=owed) | Q(pk__in=one_bill))
    return list(rows.select_related("entrance__building__estate").order_by("pk")[:MAX_HOMES])
