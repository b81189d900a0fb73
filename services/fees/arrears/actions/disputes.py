"""Disputes: a household says that a bill is wrong, staff answer. Until then nothing presses for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.recordings import Spoken, StoredRecording, storing_if_spoken
from community.core.transitions import move, record_first_status
from community.notifications import outbox
from services.fees import policies
from services.fees.billing.actions.charges import notify_open_pages
from services.fees.billing.actions.lowering import lower_bill
from services.fees.billing.actions.voids import void_bill
from services.fees.models import Bill, Dispute, DisputeRecording

Status = Dispute.Status
MAX_WORDS = 500


@dataclass(frozen=True)
class Answer:
    """An answer of staff: ``status`` is KEPT, LOWERED or VOIDED; ``amount_fen`` is what a lowered bill is then."""

    status: str
    words: str
    amount_fen: int | None = None


def raise_dispute(
    *,
    bill: Bill,
    words: str,
    spoken: Spoken | None = None,
    resident: User | None,
    by: User,
    now: datetime,
) -> Dispute:
    """Marks an unpaid bill as disputed and returns the dispute; the open one if there is one, as it is.

    ``resident`` is the person who objects; None if staff write it down for a caller without an account.
    Raises ``Forbidden`` for a bill that is neither the resident's nor of an estate where ``by`` is at the
    desk, and ``ActionError`` with the field for missing or too long words, for a bill that is not open, and
    for a resident whose objection to it was answered before. Raises ``RecordingRefused``.
    """
    _require_may_dispute(bill, resident, by)
    _check_words(words)
    if bill.status != Bill.Status.OPEN:
        raise ActionError("bill_not_open", _("This bill is not open any more. Please call the desk."))
    if not policies.may_dispute_again(by, bill):
        raise ActionError("answered_before", _("We have answered this before. Please call the desk."))
    dispute = Dispute(
        bill=bill,
        raised_for=resident,
        raised_by=by,
        words=words.strip(),
        status_changed_at=now,
        created_at=now,
    )
    with storing_if_spoken(spoken) as sound:
        try:
            with transaction.atomic():
                _save(dispute, sound)
                notify_open_pages(bill)
        except IntegrityError:
            earlier = Dispute.objects.open().get(bill=bill)
            if sound:
                sound.discard()
            return earlier
    return dispute


def _save(dispute: Dispute, sound: StoredRecording | None) -> None:
    resident, by, now = dispute.raised_for, dispute.raised_by, dispute.created_at
    dispute.save()
    on_behalf = resident if resident and resident.pk != by.pk else None
    record_first_status(dispute, by=by, now=now, on_behalf_of=on_behalf)
    _record("fees.disputed", dispute, by=by)
    if sound:
        DisputeRecording.objects.create(dispute=dispute, added_by=by, at=now, **sound.take())


def withdraw_dispute(*, dispute: Dispute, by: User, now: datetime) -> None:
    """Takes an objection back; anybody of the household may. Repeating it changes nothing.

    Raises ``Forbidden`` for a bill of another household, and ``AlreadyMoved`` for one that was answered.
    """
    is_theirs = Bill.objects.of_household(by).filter(pk=dispute.bill_id).exists()
    if not is_theirs and not policies.may("dispute", by, dispute.bill.estate_id):
        raise Forbidden
    if dispute.status == Status.WITHDRAWN:
        return
    with transaction.atomic():
        move(dispute, Status.WITHDRAWN, by=by, now=now, answered_by=by, answered_at=now)
        notify_open_pages(dispute.bill)


def answer_dispute(*, dispute: Dispute, answer: Answer, by: User, now: datetime) -> None:
    """Answers a dispute: the bill stands, is lowered, or is voided. The resident is told.

    Raises ``Forbidden``, ``ActionError`` with the field for missing words, a bill of one's own home and a wrong
    amount, and ``AlreadyMoved`` for a dispute that was answered or a bill that was paid at the same moment.
    """
    policies.require("answer_dispute", by, dispute.bill.estate_id)
    bill = Bill.objects.with_lines().get(pk=dispute.bill_id)
    if policies.is_own_money(by, bill.home_id, bill.charged_to_id):
        raise Forbidden(_("Nobody answers about a bill of their own home. Please ask a colleague."))
    _check_words(answer.words)
    with transaction.atomic():
        words = answer.words.strip()
        move(dispute, answer.status, by=by, now=now, answer=words, answered_by=by, answered_at=now)
        if answer.status == Status.LOWERED:
            _lower(bill, answer.amount_fen, dispute, by=by, now=now)
        elif answer.status == Status.VOIDED:
            void_bill(bill=bill, reason=words[:200], is_exempt=bill.run_id is not None, by=by, now=now)
        _record("fees.dispute_answered", dispute, by=by)
        _tell(dispute, bill, now=now)
        notify_open_pages(bill)


def _lower(bill: Bill, amount_fen: int | None, dispute: Dispute, *, by: User, now: datetime) -> None:
    if amount_fen is None or not 0 < amount_fen < bill.amount_fen:
        raise ActionError(
            "amount_wrong", _("Please type what is right: less than now, and more than 0."), field="amount"
        )
    lower_bill(bill, bill.amount_fen - amount_fen, key=f"dispute:{dispute.pk}", by=by, now=now)


def _require_may_dispute(bill: Bill, resident: User | None, by: User) -> None:
    if policies.may("dispute", by, bill.estate_id):
        return
    is_theirs = resident and Bill.objects.of_resident(resident).filter(pk=bill.pk).exists()
    if resident is None or not is_theirs or not policies.may_pay_for(by, resident, bill.estate_id):
        raise Forbidden


def _check_words(words: str) -> None:
    if not words.strip():
        raise ActionError("words_missing", _("Please write a few words."), field="words")
    if len(words.strip()) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")


def _tell(dispute: Dispute, bill: Bill, *, now: datetime) -> None:
    """Queues a message to the resident, and to the relative who wrote for them."""
    if dispute.raised_for is None:
        return
    people = {dispute.raised_for_id: dispute.raised_for}
    if policies.may_pay_for(dispute.raised_by, dispute.raised_for, bill.estate_id):
        people[dispute.raised_by_id] = dispute.raised_by
    for person in people.values():
        outbox.queue_message(
            person,
            "dispute_answered",
            key=f"dispute:{dispute.pk}:answered",
            params={"what": f"{bill.item.name} {bill.period:%Y-%m}"},
            url=reverse("bill", args=[bill.pk]),
            now=now,
        )


def _record(act: str, dispute: Dispute, *, by: User, **detail: Any) -> None:
    bill = dispute.bill
    audit.record(act, by=by, target=dispute, estate_id=bill.estate_id, reference=bill.reference, **detail)
