"""Voiding of bills: one by one, or all of a run while nothing of it is paid."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.actions import Wanted, ask_approval
from accounts.models import Approval, User
from community.core import audit
from community.core.changes import covering
from community.core.errors import ActionError
from community.core.inserts import insert_rows, keys_in
from community.core.transitions import AlreadyMoved, may_move, move
from community.notifications.topics import estate_topic
from services.fees import RUN_VOID, policies
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.reasons import check_reason
from services.fees.actions.steps import queue_closing
from services.fees.billing.actions import runs
from services.fees.billing.actions.charges import notify_open_pages
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    BillingRun,
    BillQuerySet,
    Entry,
    LedgerTransaction,
)


def void_bill(*, bill: Bill, reason: str, is_exempt: bool = False, by: User, now: datetime) -> None:
    """Voids a wrong bill; money paid on it becomes prepayment of the person charged or of the household.

    The next run of its month makes it again, unless ``is_exempt`` says that nothing is owed. Repeating it
    changes nothing. Raises ``Forbidden``, ``ActionError`` for a bill of the actor's own home or name and
    for a missing or too long reason, and ``AlreadyMoved`` if the bill is paid at the same moment.
    """
    policies.require("void_bill", by, bill.estate_id)
    _check_not_own(bill, by)
    check_reason(reason)
    if bill.status == Bill.Status.VOIDED:
        return
    with transaction.atomic():
        paid_fen = bill.paid_fen
        if bill.status == Bill.Status.SETTLED:
            # A settled bill is opened first, so that its history has both steps.
            move(bill, Bill.Status.OPEN, by=by, now=now, only_if={"paid_fen": paid_fen}, paid_fen=0)
            paid_before_void = 0
        else:
            paid_before_void = paid_fen
        move(
            bill,
            Bill.Status.VOIDED,
            by=by,
            now=now,
            reason=reason.strip(),
            only_if={"paid_fen": paid_before_void, "amount_fen": bill.amount_fen},
            paid_fen=0,
            is_exempt=is_exempt,
        )
        _post_void(bill, paid_fen, by=by, now=now)
        _void_late_fees([bill.pk], reason=reason, by=by, now=now)
        queue_closing([bill.pk])
        audit.record(
            "fees.bill_voided",
            by=by,
            target=bill,
            estate_id=bill.estate_id,
            reference=bill.reference,
            fen=bill.amount_fen,
            exempt=is_exempt,
        )
        notify_open_pages(bill)


def bill_again(*, bill: Bill, by: User, now: datetime) -> None:
    """Lets the next run make the bill of this home and month again after it was voided as exempt.

    Repeating it changes nothing. Raises ``Forbidden``, and ``ActionError`` for a bill of the actor's own home
    or name.
    """
    policies.require("void_bill", by, bill.estate_id)
    _check_not_own(bill, by)
    with transaction.atomic():
        if not Bill.objects.filter(pk=bill.pk, is_exempt=True).update(is_exempt=False):
            return
        bill.is_exempt = False
        audit.record(
            "fees.bill_again", by=by, target=bill, estate_id=bill.estate_id, reference=bill.reference
        )
        notify_open_pages(bill)


def _check_not_own(bill: Bill, by: User) -> None:
    if policies.is_own_money(by, bill.home_id, bill.charged_to_id):
        raise ActionError("own_bill", _("Nobody withdraws a bill of their own home. Please ask a colleague."))


def _void_late_fees(overdue: Sequence[int], *, reason: str, by: User, now: datetime) -> None:
    """Voids the late fees of voided bills: nothing was owed that could be late."""
    late_fees = Bill.objects.filter(late_fee__of__in=keys_in(overdue)).exclude(status=Bill.Status.VOIDED)
    for late_fee in late_fees.with_lines().order_by("pk"):
        void_bill(bill=late_fee, reason=reason, by=by, now=now)


def _post_void(bill: Bill, paid_fen: int, *, by: User, now: datetime) -> None:
    """Books paid fen back into the prepayment, then reverses the transaction of the bill."""
    owed = ledger.receivable(bill.home, bill.estate_id)
    if paid_fen:
        prepayment = ledger.prepayment_for(bill)
        ledger.post(
            kind=LedgerTransaction.Kind.RELEASE,
            key=f"release:{bill.pk}",
            estate_id=bill.estate_id,
            lines=[Line(owed, paid_fen, bill), ledger.add_to_prepayment(prepayment, paid_fen)],
            by=by,
            now=now,
        )
    ledger.post(
        kind=LedgerTransaction.Kind.VOID,
        key=f"void:{bill.pk}",
        estate_id=bill.estate_id,
        lines=[
            Line(owed, -bill.amount_fen, bill),
            Line(ledger.origin(bill), bill.amount_fen, bill),
        ],
        by=by,
        now=now,
    )


def ask_run_void(*, run: BillingRun, reason: str, by: User, now: datetime) -> Approval:
    """Asks that all bills of a run are voided, to which a second person agrees.

    Raises as ``void_run`` does, and ``ActionError`` with ``already_asked`` while the same waits.
    """
    policies.require("void_bill", by, run.estate_id)
    check_reason(reason)
    if not may_move(run, BillingRun.Status.VOIDED):
        raise AlreadyMoved
    _check_nothing_paid(run)
    given = {"run": run.pk, "period": run.period.isoformat()}
    return ask_approval(Wanted(RUN_VOID, run.estate, run.pk, given, reason), by=by, now=now)


def void_run(*, run: BillingRun, reason: str, by: User, now: datetime) -> None:
    """Voids all bills of a run in one transaction, as long as nothing is paid on any; they can be made again.

    ``by`` is the second person, after ``ask_run_void``. Bills that were voided before stay as they are.
    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved`` for a run whose bills are still
    being made, and ``ActionError`` for a missing or too long reason and with ``something_paid`` if anything
    is paid on a bill, also at the same moment.
    """
    policies.require("void_bill", by, run.estate_id)
    check_reason(reason)
    if run.status == BillingRun.Status.VOIDED:
        return
    with transaction.atomic():
        move(run, BillingRun.Status.VOIDED, by=by, now=now, reason=reason.strip())
        unpaid = Bill.objects.filter(run=run, status=Bill.Status.OPEN, paid_fen=0)
        # Locked in the order of their keys, as payments take them: two in another order could deadlock.
        pks = list(unpaid.select_for_update().order_by("pk").values_list("pk", flat=True))
        with covering(Bill, topics=[estate_topic(run.estate_id)]):
            voided = unpaid.filter(pk__in=keys_in(pks)).update(
                status=Bill.Status.VOIDED, status_changed_at=now
            )
        _check_nothing_paid(run, others=voided != len(pks))
        record_voided(pks, against=ledger.income(run.item), reason=reason.strip(), by=by, now=now)
        audit.record(
            "fees.run_voided",
            by=by,
            target=run,
            estate_id=run.estate_id,
            item=run.item_id,
            period=run.period.isoformat(),
            bills=voided,
        )
        runs.notify_open_pages(run)


def _check_nothing_paid(run: BillingRun, *, others: bool = False) -> None:
    if others or paid_bills(run).exists():
        raise ActionError(
            "something_paid", _("Some of these bills are paid. Pay them back first, or void the others.")
        )


def paid_bills(run: BillingRun) -> BillQuerySet:
    """Returns the bills of a run on which something is paid."""
    return Bill.objects.filter(run=run, paid_fen__gt=0)


def record_voided(pks: Sequence[int], *, against: Account, reason: str, by: User, now: datetime) -> None:
    """Writes histories and books of bills that were just voided, as ``void_bill`` does for each; their late fees
    are voided too.

    ``against`` is the account of their estate against which they were made. Call it inside the transaction
    that voids them. Checks no permission: the caller has. Raises ``IntegrityError`` for a bill that was
    booked as voided before.
    """
    bills = Bill.objects.filter(pk__in=keys_in(pks)).order_by("pk")
    columns = {
        "bill": F("pk"),
        "from_status": Bill.Status.OPEN,
        "to_status": Bill.Status.VOIDED,
        "actor": by.pk,
        "reason": reason,
        "at": now,
    }
    insert_rows(BillChange, bills, columns)
    key = ledger.key_in_sql("void", F("pk"))
    columns = {
        "estate": against.estate_id,
        "kind": LedgerTransaction.Kind.VOID,
        "key": key,
        "by": by.pk,
        "at": now,
    }
    insert_rows(LedgerTransaction, bills, columns)
    written = Subquery(
        LedgerTransaction.objects.filter(key=ledger.key_in_sql("void", OuterRef("pk"))).values("pk")
    )
    owing = Account.objects.filter(
        estate=against.estate_id, key=ledger.key_in_sql("receivable", OuterRef("home"))
    )
    for account, fen in ((Subquery(owing.values("pk")), -F("amount_fen")), (against.pk, F("amount_fen"))):
        columns = {"transaction": written, "account": account, "amount_fen": fen, "bill": F("pk")}
        insert_rows(Entry, bills, columns)
    queue_closing(keys_in(pks))
    _void_late_fees(pks, reason=reason, by=by, now=now)
