"""Opening balances: brought in by one act, and undone by one act while nothing hangs on them.

The database takes the rows of histories and books from its own tables (``community.core.inserts``), as billing
runs do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock
from community.core.changes import covering
from community.core.errors import ActionError
from community.core.inserts import insert_rows, keys_in
from community.core.money import as_yuan
from community.core.transitions import move, record_first_status
from community.estates.models import Estate, Home
from community.notifications.topics import estate_topic
from services.common.references import next_references
from services.fees import policies
from services.fees.actions import ledger
from services.fees.actions.reasons import check_reason
from services.fees.billing.actions.bill_rows import hold_months
from services.fees.billing.actions.charges import due_on
from services.fees.billing.actions.voids import record_voided
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    BillLine,
    BillQuerySet,
    Entry,
    FeeItem,
    LedgerTransaction,
    Opening,
    OpeningPrepayment,
)
from services.fees.terms import months_from

BATCH = 1000


@dataclass(frozen=True)
class Totals:
    """Fen of arrears and of prepayments."""

    arrears_fen: int = 0
    prepaid_fen: int = 0


@dataclass(frozen=True)
class OpeningBill:
    """The fen that a home still owes for an item and a month, named by its first day."""

    home: Home
    item: FeeItem
    period: date
    fen: int


@dataclass(frozen=True)
class NewOpening:
    """Opening balances of an estate, with the totals that a person has from the old books.

    ``prepayments`` are pairs of a home and its fen, each home once.
    """

    estate: Estate
    bills: Sequence[OpeningBill]
    prepayments: Sequence[tuple[Home, int]]
    control: Totals

    @property
    def totals(self) -> Totals:
        return Totals(sum(bill.fen for bill in self.bills), sum(fen for _home, fen in self.prepayments))


def difference_words(found: int, control: int) -> str:
    """Returns the sentence for a control total that the sheet does not have; empty if both are the same."""
    if found == control:
        return ""
    return str(
        _("The sheet has %(found)s, so %(difference)s does not balance.")
        % {"found": as_yuan(found), "difference": as_yuan(found - control)}
    )


def open_books(new: NewOpening, *, by: User, now: datetime) -> Opening:
    """Makes the bills and prepayments of opening balances in one transaction; no resident gets a message.

    A run that makes bills of the estate at the same moment is waited for, and its bills are seen. Raises
    ``Forbidden``, ``ActionError`` with the difference if the control totals are not those of the rows, if there
    is no row, and for a month that is billed already.
    """
    policies.require("open_books", by, new.estate.pk)
    totals = new.totals
    for name in ("arrears_fen", "prepaid_fen"):
        if words := difference_words(getattr(totals, name), getattr(new.control, name)):
            raise ActionError("does_not_balance", words, field=name)
    if not new.bills and not new.prepayments:
        raise ActionError("nothing_to_open", _("There is nothing to bring in."))
    with transaction.atomic():
        hold_months(new.estate.pk)
        _check_not_billed(new)
        opening = Opening.objects.create(
            estate=new.estate,
            made_by=by,
            created_at=now,
            status_changed_at=now,
            bill_count=len(new.bills),
            arrears_fen=totals.arrears_fen,
            prepaid_fen=totals.prepaid_fen,
        )
        record_first_status(opening, by=by, now=now)
        if new.prepayments:
            _create_prepayments(opening, new.prepayments, by=by, now=now)
        if new.bills:
            _create_bills(opening, new.bills, by=by, now=now)
        _record("fees.books_opened", opening, by=by)
    return opening


def billed_months(bills: BillQuerySet) -> set[tuple[int, int, date]]:
    """Returns home, item and first day of each month that these bills are for, but voided ones.

    A bill that names a space counts if a run has made it: arrears name no space.
    """
    standing = bills.filter(Q(subject="") | Q(run__isnull=False)).exclude(status=Bill.Status.VOIDED)
    rows = standing.order_by().values_list("home", "item", "period", "months")
    return {
        (home, item, month) for home, item, period, months in rows for month in months_from(period, months)
    }


def _check_not_billed(new: NewOpening) -> None:
    homes = keys_in([bill.home.pk for bill in new.bills])
    items = {bill.item.pk for bill in new.bills}
    billed = billed_months(Bill.objects.filter(home__in=homes, item__in=items))
    for bill in new.bills:
        if (bill.home.pk, bill.item.pk, bill.period) in billed:
            raise ActionError(
                "billed_already",
                _("%(home)s has its bill of %(item)s for %(month)s already.")
                % {"home": bill.home, "item": bill.item.name, "month": f"{bill.period:%Y-%m}"},
            )


def _create_bills(opening: Opening, bills: Sequence[OpeningBill], *, by: User, now: datetime) -> None:
    """Creates the bills with their histories and books.

    A bill counts as made when its month began: a tenant who came later does not see it.
    """
    references = next_references(letter="B", estate=opening.estate, on=clock.today(now), count=len(bills))
    rows = (
        Bill(
            estate=opening.estate,
            opening=opening,
            reference=reference,
            home=bill.home,
            item=bill.item,
            period=bill.period,
            amount_fen=bill.fen,
            due_on=due_on(bill.item, bill.period),
            status_changed_at=now,
            created_at=min(now, clock.midnight(bill.period)),
        )
        for reference, bill in zip(references, bills, strict=True)
    )
    with covering(Bill, topics=[estate_topic(opening.estate_id)]):
        Bill.objects.bulk_create(rows, batch_size=BATCH)
    made = Bill.objects.filter(opening=opening).order_by("pk")
    columns = {"bill": F("pk"), "to_status": F("status"), "actor": by.pk, "at": now}
    insert_rows(BillChange, made, columns)
    columns = {"bill": F("pk"), "number": 1, "kind": BillLine.Kind.WORDS, "amount_fen": F("amount_fen")}
    insert_rows(BillLine, made, columns)
    _open_accounts(opening, made, Account.Kind.RECEIVABLE)
    _post(opening, made, BILLS, by=by, now=now)


def _create_prepayments(
    opening: Opening, prepayments: Iterable[tuple[Home, int]], *, by: User, now: datetime
) -> None:
    OpeningPrepayment.objects.bulk_create(
        [OpeningPrepayment(opening=opening, home=home, amount_fen=fen) for home, fen in prepayments],
        batch_size=BATCH,
    )
    made = OpeningPrepayment.objects.filter(opening=opening).order_by("pk")
    _open_accounts(opening, made, Account.Kind.PREPAYMENT)
    amount = OpeningPrepayment.objects.filter(opening=opening, home=OuterRef("home")).values("amount_fen")
    _accounts_of(opening).update(held_fen=F("held_fen") + Subquery(amount))
    _post(opening, made, PREPAYMENTS, by=by, now=now)


def _accounts_of(opening: Opening) -> QuerySet[Account]:
    """Returns the prepayment accounts of the households with a prepayment of this opening."""
    return Account.objects.filter(
        estate=opening.estate_id,
        kind=Account.Kind.PREPAYMENT,
        person=None,
        home__in=OpeningPrepayment.objects.filter(opening=opening).values("home"),
    )


def _open_accounts(opening: Opening, rows: "QuerySet[Bill] | QuerySet[OpeningPrepayment]", kind: str) -> None:
    columns = {
        "estate": opening.estate_id,
        "kind": kind,
        "key": ledger.key_in_sql(kind, F("home")),
        "home": F("home"),
    }
    insert_rows(Account, rows.order_by("home"), columns, once="account_once")


def _account_of_home(opening: Opening, kind: str) -> Subquery:
    key = ledger.key_in_sql(kind, OuterRef("home"))
    return Subquery(Account.objects.filter(estate=opening.estate_id, key=key).values("pk"))


@dataclass(frozen=True)
class _Posting:
    """Transactions of an opening, one for each row: their kind, the prefix of their keys, the home's account
    and the fen on it, against the opening account.
    """

    kind: str
    prefix: str
    account: str
    sign: int


BILLS = _Posting(LedgerTransaction.Kind.BILL, "bill", "receivable", 1)
PREPAYMENTS = _Posting(LedgerTransaction.Kind.OPENING, "opening", "prepayment", -1)
UNDONE_PREPAYMENTS = _Posting(LedgerTransaction.Kind.OPENING, "opening_undone", "prepayment", 1)


def _post(opening: Opening, rows: Any, posting: _Posting, *, by: User, now: datetime) -> None:
    """Writes the transactions of all rows, the same as ``ledger.post`` for each."""
    columns = {
        "estate": opening.estate_id,
        "kind": posting.kind,
        "key": ledger.key_in_sql(posting.prefix, F("pk")),
        "by": by.pk,
        "at": now,
    }
    with ledger.only_in_open_months():
        insert_rows(LedgerTransaction, rows, columns)
    key = ledger.key_in_sql(posting.prefix, OuterRef("pk"))
    written = Subquery(LedgerTransaction.objects.filter(key=key).values("pk"))
    fen = F("amount_fen") * posting.sign
    bill = F("pk") if rows.model is Bill else None
    against = ledger.opening(opening.estate_id).pk
    for account, amount in ((_account_of_home(opening, posting.account), fen), (against, -fen)):
        insert_rows(
            Entry, rows, {"transaction": written, "account": account, "amount_fen": amount, "bill": bill}
        )


def undo_opening(*, opening: Opening, reason: str, by: User, now: datetime) -> None:
    """Voids all bills and takes back all prepayments of an opening in one transaction.

    Bills that were voided before stay as they are. Repeating it changes nothing. Raises ``Forbidden``, and
    ``ActionError`` for a missing or too long reason and with ``hangs`` while anything is paid on a bill or a
    prepayment is used, also at the same moment; ``paid_bills`` and ``used_prepayments`` say what.
    """
    policies.require("open_books", by, opening.estate_id)
    check_reason(reason)
    if opening.status == Opening.Status.UNDONE:
        return
    with transaction.atomic():
        move(opening, Opening.Status.UNDONE, by=by, now=now, reason=reason.strip())
        _take_back_prepayments(opening, by=by, now=now)
        unpaid = Bill.objects.filter(opening=opening, status=Bill.Status.OPEN, paid_fen=0)
        # Locked in the order of their keys, as payments take them: two in another order could deadlock.
        pks = list(unpaid.select_for_update().order_by("pk").values_list("pk", flat=True))
        with covering(Bill, topics=[estate_topic(opening.estate_id)]):
            voided = unpaid.filter(pk__in=keys_in(pks)).update(
                status=Bill.Status.VOIDED, status_changed_at=now
            )
        if voided != len(pks) or paid_bills(opening).exists():
            raise _hangs()
        record_voided(pks, against=ledger.opening(opening.estate_id), reason=reason.strip(), by=by, now=now)
        _record("fees.opening_undone", opening, by=by)


def _take_back_prepayments(opening: Opening, *, by: User, now: datetime) -> None:
    count = OpeningPrepayment.objects.filter(opening=opening).count()
    if not count:
        return
    opened = Subquery(
        OpeningPrepayment.objects.filter(opening=opening, home=OuterRef("home")).values("amount_fen")
    )
    # A single conditional UPDATE: a prepayment that is used at the same moment holds less, and is not counted.
    taken = _accounts_of(opening).filter(held_fen__gte=opened).update(held_fen=F("held_fen") - opened)
    if taken != count:
        raise _hangs()
    _post(
        opening,
        OpeningPrepayment.objects.filter(opening=opening).order_by("pk"),
        UNDONE_PREPAYMENTS,
        by=by,
        now=now,
    )


def _hangs() -> ActionError:
    return ActionError(
        "hangs", _("Something is paid on these bills, or the prepayment is used. Nothing was undone.")
    )


def paid_bills(opening: Opening) -> BillQuerySet:
    """Returns the bills of an opening on which something is paid."""
    return Bill.objects.filter(opening=opening, paid_fen__gt=0)


def used_prepayments(opening: Opening) -> QuerySet[OpeningPrepayment]:
    """Returns the prepayments of an opening of whose home less is left."""
    held = Account.objects.filter(
        estate=opening.estate_id, kind=Account.Kind.PREPAYMENT, person=None, home=OuterRef("home")
    )
    rows = OpeningPrepayment.objects.filter(opening=opening)
    return rows.annotate(held_fen=Subquery(held.values("held_fen"))).filter(held_fen__lt=F("amount_fen"))


def _record(act: str, opening: Opening, *, by: User) -> None:
    audit.record(
        act,
        by=by,
        target=opening,
        estate_id=opening.estate_id,
        bills=opening.bill_count,
        arrears_fen=opening.arrears_fen,
        prepaid_fen=opening.prepaid_fen,
    )
