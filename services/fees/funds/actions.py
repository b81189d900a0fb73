"""Writes of funds: lines, their second person, taking one back, and questions of residents."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, changes, clock
from community.core.errors import ActionError, Forbidden
from community.core.recordings import Spoken, storing_if_spoken
from community.core.transitions import move, record_first_status
from community.estates.models import Estate
from services.fees import policies
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.reasons import check_reason
from services.fees.funds import files
from services.fees.models import Account, Fund, FundLine, FundQuestion, FundRecording, LedgerTransaction

Category, Ground, Status = FundLine.Category, FundLine.Ground, FundLine.Status
MAX_FEN = 10_000_000_000
MAX_WORDS = 500


@dataclass(frozen=True)
class NewLine:
    """A line to write; ``files`` are uploads by kind of ``FundFile``, ``key`` the page's single-use token."""

    estate: Estate
    kind: str
    category: str
    amount_fen: int
    on: date
    counterparty: str
    purpose: str
    ground: str = ""
    ground_words: str = ""
    files: dict[str, Any] = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)

    @property
    def is_spending(self) -> bool:
        return self.category in FundLine.SPENDINGS[Fund.Kind(self.kind)]


def write_line(new: NewLine, *, by: User, now: datetime) -> FundLine:
    """Writes a line and returns it: a receipt is booked at once, a spending once another person agrees.

    Repeating it returns the same line. Raises ``Forbidden``, and ``ActionError`` with the field for an unknown
    kind, a sum or day out of range, a missing voucher, a spending above the balance, a day of a closed month,
    and a spending of the maintenance fund without a decision with its file, or an emergency with its reason.
    """
    policies.require("keep_funds", by, new.estate.pk)
    if found := FundLine.objects.filter(key=new.key, fund__estate=new.estate).first():
        return found
    _check(new, now)
    fund, _is_new = Fund.objects.get_or_create(estate=new.estate, kind=new.kind)
    if new.is_spending and new.amount_fen > ledger.fund_money(fund).held_fen:
        raise _not_enough()
    with files.storing(new.files) as stored, transaction.atomic():
        line = FundLine.objects.create(
            fund=fund,
            key=new.key,
            category=new.category,
            is_spending=new.is_spending,
            amount_fen=new.amount_fen,
            on=new.on,
            counterparty=new.counterparty.strip(),
            purpose=new.purpose.strip(),
            ground=new.ground if new.is_spending else "",
            ground_words=new.ground_words.strip() if new.is_spending and new.ground else "",
            asked_by=by,
            status=Status.ASKED if new.is_spending else Status.BOOKED,
            status_changed_at=now,
            created_at=now,
        )
        record_first_status(line, by=by, now=now)
        files.attach(line, stored, by=by, now=now)
        if not new.is_spending:
            _book(line, by=by, now=now)
        _record("fees.fund_written", line, by=by)
    return line


def _check(new: NewLine, now: datetime) -> None:
    kind = Fund.Kind(new.kind)
    if new.category not in (*FundLine.RECEIPTS[kind], *FundLine.SPENDINGS[kind]):
        raise ActionError("unknown_kind", _("Please choose what it is."), field="category")
    if not 0 < new.amount_fen <= MAX_FEN:
        raise ActionError("amount_wrong", _("Please type an amount above 0."), field="amount")
    if not date(2000, 1, 1) <= new.on <= clock.today(now):
        raise ActionError("day_wrong", _("Please choose a day up to today."), field="on")
    for name, words, most in (("counterparty", new.counterparty, 80), ("purpose", new.purpose, 200)):
        if not 0 < len(words.strip()) <= most:
            raise ActionError("words_missing", _("Please write a few words."), field=name)
    if "voucher" not in new.files:
        raise ActionError("voucher_missing", _("Please add the voucher."), field="voucher")
    if new.is_spending and kind == Fund.Kind.MAINTENANCE:
        _check_ground(new)


def _check_ground(new: NewLine) -> None:
    """Requires what allows a spending of the maintenance fund (民法典 281): a decision, or an emergency."""
    if new.ground not in (Ground.DECISION, Ground.EMERGENCY):
        raise ActionError("ground_missing", _("Please choose what allows it."), field="ground")
    if not 0 < len(new.ground_words.strip()) <= 200:
        words = (
            _("Please write the number of the decision.")
            if new.ground == Ground.DECISION
            else _("Please write what the emergency is.")
        )
        raise ActionError("ground_words_missing", words, field="ground_words")
    if new.ground == Ground.DECISION and "decision" not in new.files:
        raise ActionError("decision_missing", _("Please add the decision as a file."), field="decision")


def ask_reversal(*, line: FundLine, reason: str, by: User, now: datetime) -> FundLine:
    """Asks to take a booked line back by a reversing line of today, and returns that; another person agrees.

    Repeating it returns the same one. Raises ``Forbidden``, and ``ActionError`` for a missing or too long
    reason, and for a line that is not in the books or itself takes one back.
    """
    policies.require("keep_funds", by, line.fund.estate_id)
    check_reason(reason)
    if line.status != Status.BOOKED or line.reverses_id:
        raise ActionError("not_reversible", _("Only a line in the books can be taken back."))
    if found := FundLine.objects.filter(reverses=line).first():
        return found
    with transaction.atomic():
        made = FundLine.objects.create(
            fund=line.fund,
            key=uuid4(),
            category=line.category,
            is_spending=line.is_spending,
            amount_fen=-line.amount_fen,
            on=clock.today(now),
            counterparty=line.counterparty,
            purpose=reason.strip(),
            reverses=line,
            asked_by=by,
            status=Status.ASKED,
            status_changed_at=now,
            created_at=now,
        )
        record_first_status(made, by=by, now=now)
        _record("fees.fund_reversal_asked", made, by=by)
    return made


def agree_to_line(*, line: FundLine, by: User, now: datetime) -> None:
    """Books a spending or a reversal as the second person. Repeating it changes nothing.

    Raises ``Forbidden`` for who asked for it, ``AlreadyMoved`` for a line that was declined, and ``ActionError``
    if the fund holds less by now or the month of its day is closed.
    """
    _require_second(line, by)
    if line.status == Status.BOOKED:
        return
    with transaction.atomic():
        move(line, Status.BOOKED, by=by, now=now, approved_by=by)
        _book(line, by=by, now=now)
        _record("fees.fund_agreed", line, by=by)


def decline_line(*, line: FundLine, reason: str, by: User, now: datetime) -> None:
    """Declines a spending or a reversal, or withdraws one's own. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` for a missing reason, and ``AlreadyMoved`` if it was booked.
    """
    policies.require("keep_funds", by, line.fund.estate_id)
    check_reason(reason)
    if line.status == Status.DECLINED:
        return
    with transaction.atomic():
        move(line, Status.DECLINED, by=by, now=now, reason=reason.strip())
        _record("fees.fund_declined", line, by=by)


def _require_second(line: FundLine, by: User) -> None:
    policies.require("keep_funds", by, line.fund.estate_id)
    if line.asked_by_id == by.pk:
        raise Forbidden(_("Another person than the one who asked has to agree."))


def _book(line: FundLine, *, by: User, now: datetime) -> None:
    """Writes the ledger on the day of the line, and changes what the fund holds by one conditional UPDATE."""
    fen, account = line.money_fen, ledger.fund_money(line.fund)
    if fen > 0:
        Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + fen)
    elif not ledger.take_from_prepayment(account, -fen):
        raise _not_enough()
    # Noon, which is the same day in every place that reads the books.
    at = now if line.on == clock.today(now) else datetime.combine(line.on, time(12), tzinfo=clock.SHANGHAI)
    ledger.post(
        kind=LedgerTransaction.Kind.FUND,
        key=f"fund:{line.pk}",
        estate_id=line.fund.estate_id,
        lines=[Line(account, fen), Line(ledger.fund_flow(line.fund, line.category), -fen)],
        by=by,
        now=at,
    )


def _not_enough() -> ActionError:
    return ActionError("not_enough", _("The fund does not hold that much."), field="amount")


# -- Questions


def ask_question(
    *, line: FundLine, words: str, spoken: Spoken | None, by: User, now: datetime
) -> FundQuestion:
    """Stores a question of a resident about a line of a fund of their estate, and returns it.

    Raises ``Forbidden`` for who does not live there, ``ActionError`` with the field for missing or too long
    words, and ``RecordingRefused``.
    """
    if not policies.may_ask_about_fund(by, line.fund):
        raise Forbidden
    if not words.strip() and spoken is None:
        raise ActionError("words_missing", _("Please write or say your question."), field="words")
    if len(words.strip()) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        question = FundQuestion.objects.create(line=line, asked_by=by, words=words.strip(), created_at=now)
        if sound:
            FundRecording.objects.create(question=question, added_by=by, at=now, **sound.take())
        audit.record("fees.fund_asked", by=by, target=question, estate_id=line.fund.estate_id)
    return question


def answer_question(*, question: FundQuestion, answer: str, by: User, now: datetime) -> None:
    """Answers a question, for all residents to read; a second answer changes the first.

    Raises ``Forbidden``, and ``ActionError`` with the field for missing or too long words.
    """
    estate_id = question.line.fund.estate_id
    policies.require("answer_fund", by, estate_id)
    if not 0 < len(answer.strip()) <= MAX_WORDS:
        raise ActionError("answer_missing", _("Please write the answer."), field="answer")
    with transaction.atomic():
        with changes.of(question):
            FundQuestion.objects.filter(pk=question.pk).update(
                answer=answer.strip(), answered_by=by, answered_at=now
            )
        audit.record("fees.fund_answered", by=by, target=question, estate_id=estate_id)


def _record(act: str, line: FundLine, *, by: User) -> None:
    audit.record(act, by=by, target=line, estate_id=line.fund.estate_id, fen=line.amount_fen)
