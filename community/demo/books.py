"""Opening balances of the demo, one brought in by mistake and undone, and requests for invoices in every state."""

import io
from datetime import date, datetime, timedelta
from random import Random

from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from community.demo.places import Place
from community.demo.residents import Household, Society
from community.estates.models import Estate
from services.fees.books import actions
from services.fees.books.invoices import invoiceable
from services.fees.models import Bill, FeeItem, InvoiceRequest

OWING, OWED_MONTHS, AHEAD = 6, 3, 4
OWED_FEN = (8850, 10420, 13200)
AHEAD_FEN = (12000, 20000, 36000, 50000)
COMPANY = ("company", "青禾文化传播有限公司", "91350100M000100Y43")
# Days since a request, and its answer.
REQUESTS = (
    (1, ""),
    (2, ""),
    (4, ""),
    (12, "issued"),
    (25, "issued"),
    (40, "reversed"),
    (9, "refused"),
    (15, "withdrawn"),
)


def make_books(places: tuple[Place, Place], society: Society, draw: Random, now: datetime) -> None:
    """Creates the opening balances and the requests for invoices of both estates."""
    tried = {user.pk for user in society.by_key.values()}
    for place in places:
        estate, cashier = place.estate, society.of_role(place.estate, "cashier")[0]
        households = society.households[estate.pk]
        others = draw.sample([one for one in households if one.user.pk not in tried], 40)
        _open(estate, others, cashier)
        _ask_invoices(others, cashier, now)
        first = next((one for one in households if one.user == society.by_key["owner"]), None)
        if first is not None:
            _ask(first.user, ("personal", first.user.name, ""), "issued", cashier, now - timedelta(days=6))


def _open(estate: Estate, households: list[Household], cashier: User) -> None:
    """Brings in the arrears and prepayments of a few homes from before the first bill of the estate."""
    first = Bill.objects.filter(estate=estate).order_by("period")[0]
    begun = first.created_at - timedelta(days=2)
    item = FeeItem.objects.get(estate=estate, kind=FeeItem.Kind.PROPERTY)
    before = first.period.year * 12 + first.period.month - 1
    months = [date((before - n) // 12, (before - n) % 12 + 1, 1) for n in range(1, OWED_MONTHS + 1)]
    homes = [household.home for household in households]
    bills = [
        actions.OpeningBill(home, item, month, OWED_FEN[number % len(OWED_FEN)])
        for number, home in enumerate(homes[:OWING])
        for month in months
    ]
    ahead = list(zip(homes[OWING : OWING + AHEAD], AHEAD_FEN, strict=True))
    control = actions.Totals(sum(bill.fen for bill in bills), sum(fen for _home, fen in ahead))
    wrong = actions.Totals(sum(bill.fen for bill in bills[:4]), 0)
    mistake = actions.open_books(
        actions.NewOpening(estate, bills[:4], [], wrong), by=cashier, now=begun - timedelta(hours=3)
    )
    actions.undo_opening(opening=mistake, reason="导成了去年的表", by=cashier, now=begun - timedelta(hours=2))
    actions.open_books(actions.NewOpening(estate, bills, ahead, control), by=cashier, now=begun)


def _ask_invoices(households: list[Household], cashier: User, now: datetime) -> None:
    waiting = iter(households[OWING + AHEAD :])
    for number, (days, answer) in enumerate(REQUESTS):
        at = now - timedelta(days=days)
        for household in waiting:
            details = COMPANY if number % 2 else ("personal", household.user.name, "")
            if _ask(household.user, details, answer, cashier, at):
                break


def _ask(
    resident: User, details: tuple[str, str, str], answer: str, cashier: User, at: datetime
) -> InvoiceRequest | None:
    """Asks for an invoice of the latest paid bills and answers it; returns None for a resident without any."""
    paid = invoiceable(Bill.objects.of_resident(resident).filter(status_changed_at__lt=at))
    bills = list(paid[:3])
    if not bills or len({bill.home_id for bill in bills}) > 1:
        return None
    request = actions.request_invoice(
        resident=resident, bills=bills, details=actions.InvoiceDetails(*details), by=resident, now=at
    )
    later = at + timedelta(hours=5)
    if answer in ("issued", "reversed"):
        file = actions.InvoiceFile(f"2411200000{request.pk:010d}", _sample())
        actions.issue_invoice(request=request, file=file, by=cashier, now=later)
    if answer == "reversed":
        actions.reverse_invoice(
            request=request, reason="抬头写错，已红冲重开", by=cashier, now=later + timedelta(days=1)
        )
    if answer == "refused":
        actions.refuse_invoice(
            request=request, reason="单位名称与税号对不上，请核对后再申请", by=cashier, now=later
        )
    if answer == "withdrawn":
        actions.withdraw_invoice(request=request, by=resident, now=later)
    return request


def _sample() -> bytes:
    """Returns a page that stands for an invoice."""
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=(400, 260))
    canvas.drawString(140, 130, "SAMPLE INVOICE")
    canvas.save()
    return packed.getvalue()
