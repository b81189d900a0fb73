"""Writes the books: ``post`` writes a transaction that sums to zero, once for its key."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees.models import Account, Bill, Entry, FeeItem, Fund, LedgerTransaction, Payment, Shift

Kind = Account.Kind
# The words with which the database refuses a row that is dated in a closed day or month.
CLOSED = "this month is closed"


@dataclass(frozen=True)
class Line:
    """Fen on an account, debit positive, with the bill that they are for.

    ``shift`` is the shift of the till (``tills.use_till``), for money that came or went at the counter.
    """

    account: Account
    fen: int
    bill: Bill | None = None
    shift: Shift | None = None


class Unbalanced(Exception):
    """Raised when a transaction does not sum to zero or mixes homes, estates or funds: a programming error,
    never a user's.
    """


def receivable(home: Home, estate_id: int) -> Account:
    """Returns the account of the amount that a home owes."""
    return _open_account(
        Account(estate_id=estate_id, kind=Kind.RECEIVABLE, key=f"receivable:{home.pk}", home=home)
    )


def prepayment(home: Home, estate_id: int, person_id: int | None = None) -> Account:
    """Returns the prepayment account of the household, or of one person in a home."""
    key = f"prepayment:{home.pk}" + (f":{person_id}" if person_id else "")
    return _open_account(
        Account(estate_id=estate_id, kind=Kind.PREPAYMENT, key=key, home=home, person_id=person_id)
    )


def prepayment_for(bill: Bill) -> Account:
    """Returns the prepayment account of the bill's owner: money above its amount goes there, and it may be
    paid from it.
    """
    return prepayment(bill.home, bill.estate_id, bill.charged_to_id)


def income(item: FeeItem) -> Account:
    """Returns the income account of a fee item."""
    return _open_account(
        Account(estate_id=item.estate_id, kind=Kind.INCOME, key=f"income:{item.pk}", item=item)
    )


def opening(estate_id: int) -> Account:
    """Returns the account against which opening balances stand."""
    return _open_account(Account(estate_id=estate_id, kind=Kind.OPENING, key="opening"))


def origin(bill: Bill) -> Account:
    """Returns the account against which a bill was made: the income of its item, or the opening balances."""
    return opening(bill.estate_id) if bill.opening_id else income(bill.item)


def money_account(channel: str, estate_id: int) -> Account:
    """Returns the account of the money received through a channel: the till, the bank, or a provider."""
    if channel == Kind.CASH:
        return _open_account(Account(estate_id=estate_id, kind=Kind.CASH, key="cash"))
    if channel in Payment.AT_COUNTER:
        return _open_account(
            Account(estate_id=estate_id, kind=Kind.BANK, key=f"bank:{channel}", provider=channel)
        )
    return _open_account(
        Account(estate_id=estate_id, kind=Kind.PROVIDER, key=f"provider:{channel}", provider=channel)
    )


def banked_cash(estate_id: int) -> Account:
    """Returns the account of the cash that was brought from tills to the bank."""
    return _open_account(Account(estate_id=estate_id, kind=Kind.BANK, key="bank:cash"))


def provider_fee(provider: str, estate_id: int) -> Account:
    """Returns the account of what a provider keeps for itself."""
    return _open_account(
        Account(
            estate_id=estate_id, kind=Kind.PROVIDER_FEE, key=f"provider_fee:{provider}", provider=provider
        )
    )


def over_short(estate_id: int) -> Account:
    """Returns the account of the differences between counted and expected cash of shifts."""
    return _open_account(Account(estate_id=estate_id, kind=Kind.OVER_SHORT, key="over_short"))


def fund_money(fund: Fund) -> Account:
    """Returns the account of the money of a fund of the owners."""
    return _open_account(Account(estate_id=fund.estate_id, kind=Kind.FUND, key=f"fund:{fund.pk}", fund=fund))


def fund_flow(fund: Fund, category: str) -> Account:
    """Returns the account of one kind of receipts or spendings of a fund."""
    key = f"fund:{fund.pk}:{category}"
    return _open_account(Account(estate_id=fund.estate_id, kind=Kind.FUND_FLOW, key=key, fund=fund))


def _open_account(wanted: Account) -> Account:
    return open_accounts([wanted])[wanted.key]


def open_accounts(wanted: Sequence[Account]) -> dict[str, Account]:
    """Returns the accounts of one estate by their keys, and creates missing ones. Three queries at most."""
    if not wanted:
        return {}
    known = Account.objects.filter(estate_id=wanted[0].estate_id, key__in=[account.key for account in wanted])
    found = {account.key: account for account in known}
    missing = [account for account in wanted if account.key not in found]
    if missing:
        # Sorted, so that two requests that create the same accounts do not deadlock.
        missing.sort(key=lambda account: account.key)
        Account.objects.bulk_create(missing, ignore_conflicts=True)
        found = {account.key: account for account in known.all()}
    return found


@contextmanager
def only_in_open_months() -> Iterator[None]:
    """Surrounds a write to the ledger. Raises ``ActionError`` if a row of it is dated in a closed month.

    The database decides, because a month may be closed at the same moment.
    """
    try:
        yield
    except IntegrityError as error:
        if CLOSED not in str(error):
            raise
        raise ActionError(
            "month_closed",
            _("The books of that day are closed. Please send it once more; it is booked today."),
        ) from error


def post(
    *, kind: str, key: str, estate_id: int, lines: Iterable[Line], by: User | None, now: datetime
) -> LedgerTransaction:
    """Writes one transaction and returns it; lines of 0 fen are left out.

    Call it inside the transaction of its cause. Raises ``Unbalanced`` if it does not sum to zero, mixes a fund
    with other money, or has an account of another estate or a bill of another home than its account's,
    ``ActionError`` if ``now`` lies in a closed month, and ``IntegrityError`` if ``key`` was written before.
    """
    nonzero = [line for line in lines if line.fen]
    if not nonzero or sum(line.fen for line in nonzero) != 0:
        raise Unbalanced(key)
    if any(line.account.estate_id != estate_id for line in nonzero):
        raise Unbalanced(f"{key}: an account of another estate")
    if any(line.bill and line.account.home_id not in (None, line.bill.home_id) for line in nonzero):
        raise Unbalanced(f"{key}: a bill of another home")
    if len({line.account.fund_id for line in nonzero}) > 1:
        raise Unbalanced(f"{key}: a fund with other money")
    with only_in_open_months(), transaction.atomic():
        written = LedgerTransaction.objects.create(
            estate_id=estate_id,
            kind=kind,
            key=key,
            by=by,
            at=now,
            shift=next((line.shift for line in nonzero if line.shift), None),
        )
        Entry.objects.bulk_create(
            [
                Entry(transaction=written, account=line.account, amount_fen=line.fen, bill=line.bill)
                for line in nonzero
            ]
        )
    return written


def add_to_prepayment(account: Account, fen: int) -> Line:
    """Adds fen to a prepayment; returns the line for the books."""
    if fen:
        Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + fen)
    return Line(account, -fen)


def take_from_prepayment(account: Account, fen: int) -> bool:
    """Takes fen from a prepayment by one conditional UPDATE; returns False if it holds less."""
    enough = Account.objects.filter(pk=account.pk, held_fen__gte=fen)
    return not fen or bool(enough.update(held_fen=F("held_fen") - fen))


def key_in_sql(prefix: str, pk: F | OuterRef) -> Concat:
    """Returns the key of an account or a transaction as an expression: ``bill:12``."""
    return Concat(Value(f"{prefix}:"), Cast(pk, TextField()), output_field=TextField())
