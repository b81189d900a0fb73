"""The one way into the books. ``post`` writes a transaction that sums to zero, once by its key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from community.estates.models import Home
from services.fees.models import Account, Bill, Entry, FeeItem, LedgerTransaction

Kind = Account.Kind


@dataclass(frozen=True)
class Line:
    """Fen on an account, debit positive; of a bill, where it is for one."""

    account: Account
    fen: int
    bill: Bill | None = None


class Unbalanced(Exception):
    """A transaction that does not sum to zero, or mixes homes: a mistake of ours, never a person's."""


def receivable(home: Home, estate_id: int) -> Account:
    """What a home owes."""
    return _opened(Account(estate_id=estate_id, kind=Kind.RECEIVABLE, key=f"receivable:{home.pk}", home=home))


def prepayment(home: Home, estate_id: int, person_id: int | None = None) -> Account:
    """What the estate holds for the household of a home, or in a home for one person alone."""
    key = f"prepayment:{home.pk}" + (f":{person_id}" if person_id else "")
    return _opened(
        Account(estate_id=estate_id, kind=Kind.PREPAYMENT, key=key, home=home, person_id=person_id)
    )


def prepayment_for(bill: Bill) -> Account:
    """Where what is too much for a bill is kept, and from where it may be paid: whose the bill is."""
    return prepayment(bill.home, bill.estate_id, bill.charged_to_id)


def income(item: FeeItem) -> Account:
    return _opened(Account(estate_id=item.estate_id, kind=Kind.INCOME, key=f"income:{item.pk}", item=item))


def money(channel: str, estate_id: int) -> Account:
    """Where money that came in lies: the till, or a provider."""
    if channel == Kind.CASH:
        return _opened(Account(estate_id=estate_id, kind=Kind.CASH, key="cash"))
    return _opened(
        Account(estate_id=estate_id, kind=Kind.PROVIDER, key=f"provider:{channel}", provider=channel)
    )


def _opened(wanted: Account) -> Account:
    return opened([wanted])[wanted.key]


def opened(wanted: Sequence[Account]) -> dict[str, Account]:
    """The accounts of one estate by their keys; those that are missing are opened. Three queries at most."""
    if not wanted:
        return {}
    known = Account.objects.filter(estate_id=wanted[0].estate_id, key__in=[account.key for account in wanted])
    found = {account.key: account for account in known}
    missing = [account for account in wanted if account.key not in found]
    if missing:
        # In one order, so that two who open the same accounts do not wait for each other.
        missing.sort(key=lambda account: account.key)
        Account.objects.bulk_create(missing, ignore_conflicts=True)
        found = {account.key: account for account in known.all()}
    return found


def post(
    *, kind: str, key: str, estate_id: int, lines: Iterable[Line], by: User | None, now: datetime
) -> LedgerTransaction:
    """Write one transaction; lines of nothing are left out.

    Call it inside the transaction of its cause. Raises ``Unbalanced`` if it does not sum to zero or
    has a bill of another home than its account's, and ``IntegrityError`` if ``key`` was written before.
    """
    kept = [line for line in lines if line.fen]
    if not kept or sum(line.fen for line in kept) != 0:
        raise Unbalanced(key)
    if any(line.account.estate_id != estate_id for line in kept):
        raise Unbalanced(f"{key}: an account of another estate")
    if any(line.bill and line.account.home_id not in (None, line.bill.home_id) for line in kept):
        raise Unbalanced(f"{key}: a bill of another home")
    with transaction.atomic():
        written = LedgerTransaction.objects.create(estate_id=estate_id, kind=kind, key=key, by=by, at=now)
        Entry.objects.bulk_create(
            [
                Entry(transaction=written, account=line.account, amount_fen=line.fen, bill=line.bill)
                for line in kept
            ]
        )
    return written


def put_aside(account: Account, fen: int) -> Line:
    """Add to a prepayment; the line for the books."""
    if fen:
        Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + fen)
    return Line(account, -fen)


def take_from_prepayment(account: Account, fen: int) -> bool:
    """Take from a prepayment by one conditional UPDATE; False if there is not that much."""
    enough = Account.objects.filter(pk=account.pk, held_fen__gte=fen)
    return not fen or bool(enough.update(held_fen=F("held_fen") - fen))
