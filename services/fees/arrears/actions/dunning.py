"""Reminders: the rule of an estate, rounds of messages sent in the background, and printed letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, background, clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Building, Estate, Home
from community.notifications import live, outbox
from community.notifications.outbox import Letter
from services.fees import policies
from services.fees.arrears import queries
from services.fees.models import DunningNotice, DunningRound, DunningRule

Status = DunningRound.Status
SEND = "services.fees.tasks.send_reminders"
# Homes of one transaction.
SIZE = 200
STALLED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class RuleValues:
    """Values of an estate's rule, as in ``DunningRule``."""

    after_days: int
    again_days: int
    by_sms: bool
    quiet_from: time
    quiet_until: time


def set_dunning_rule(*, estate: Estate, values: RuleValues, by: User, now: datetime) -> DunningRule:
    """Sets the rule for reminders of an estate and returns it. Raises ``Forbidden``."""
    policies.require("dun", by, estate.pk)
    with transaction.atomic():
        rule, _is_new = DunningRule.objects.update_or_create(estate=estate, defaults=vars(values))
        audit.record(
            "fees.dunning_rule_set",
            by=by,
            target=rule,
            estate_id=estate.pk,
            after_days=values.after_days,
            by_sms=values.by_sms,
        )
    return rule


def forecast_round(
    rule: DunningRule, *, building: Building | None, by: User, key: UUID, now: datetime
) -> DunningRound:
    """Returns the round that would begin now, not stored: ``queries.homes_to_remind`` has whom it reaches."""
    return DunningRound(
        estate=rule.estate,
        building=building,
        key=key,
        by_sms=rule.by_sms,
        due_before=clock.today(now) - timedelta(days=rule.after_days),
        reminded_before=now - timedelta(days=rule.again_days),
        begun_by=by,
        progressed_at=now,
        status_changed_at=now,
        created_at=now,
    )


def start_round(
    *, estate: Estate, building: Building | None, key: UUID, by: User, now: datetime
) -> DunningRound:
    """Begins to remind all homes that the estate's rule names, in the background; returns the round.

    Repeating it with the same ``key`` returns the same round. Raises ``Forbidden``, and ``ActionError`` for
    an estate without a rule, while another round is being sent, and if nobody is to be reminded.
    """
    policies.require("dun", by, estate.pk)
    if made := DunningRound.objects.filter(key=key, estate=estate).first():
        return made
    rule = DunningRule.objects.filter(estate=estate).select_related("estate").first()
    if rule is None:
        raise ActionError("no_rule", _("Please set the rule first."))
    begun = forecast_round(rule, building=building, by=by, key=key, now=now)
    reached = queries.homes_to_remind(begun, clock.today(now)).filter(left_out=queries.LeftOut.SENT)  # type: ignore[misc]
    if not reached.exists():
        raise ActionError("nobody_to_remind", _("There is nobody to remind at the moment."))
    try:
        with transaction.atomic():
            begun.save()
            record_first_status(begun, by=by, now=now)
            audit.record("fees.dunning_sent", by=by, target=begun, estate_id=estate.pk)
            transaction.on_commit(lambda: background.queue(SEND, [(begun.pk,)]))
    except IntegrityError:
        raise ActionError("round_under_way", _("Reminders are just being sent.")) from None
    return begun


def stop_round(*, dunning_round: DunningRound, by: User, now: datetime) -> None:
    """Stops a round; homes that were reminded stay in the log. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` for a round that is done.
    """
    policies.require("dun", by, dunning_round.estate_id)
    if dunning_round.status == Status.STOPPED:
        return
    with transaction.atomic():
        move(dunning_round, Status.STOPPED, by=by, now=now)
        notify_open_pages(dunning_round)


def send_round(*, dunning_round: DunningRound, now: datetime) -> int:
    """Sends a round batch by batch until it is done, stopped, or the quiet hours begin; returns the homes.

    Each batch is one transaction that also moves ``upto``, so that a killed process, or a second one, reminds
    no home twice.
    """
    rule = DunningRule.objects.get(estate=dunning_round.estate_id)
    sent, began = 0, clock.now()
    while dunning_round.status == Status.RUNNING and not _is_quiet(rule, now + (clock.now() - began)):
        count = _send_batch(dunning_round, now=now + (clock.now() - began))
        if count is None:
            break
        sent += count
        dunning_round.refresh_from_db()
    return sent


def _is_quiet(rule: DunningRule, at: datetime) -> bool:
    return rule.is_quiet(clock.local(at).time())


def _send_batch(dunning_round: DunningRound, *, now: datetime) -> int | None:
    """Sends to the next homes; None when there are none left, or the round was stopped meanwhile."""
    homes = queries.homes_to_remind(dunning_round, clock.today(now))
    reached = homes.filter(pk__gt=dunning_round.upto, left_out=queries.LeftOut.SENT)  # type: ignore[misc]
    batch: list[Home] = list(reached.with_address().order_by("pk")[:SIZE])  # type: ignore[attr-defined]
    if not batch:
        _end_round(dunning_round, now=now)
        return None
    mine = DunningRound.objects.filter(pk=dunning_round.pk, status=Status.RUNNING, upto=dunning_round.upto)
    with transaction.atomic():
        fen = sum(home.fen for home in batch)  # type: ignore[attr-defined]
        if not mine.update(
            upto=batch[-1].pk,
            homes=F("homes") + len(batch),
            total_fen=F("total_fen") + fen,
            progressed_at=now,
        ):
            return None
        by = dunning_round.begun_by
        channel = DunningNotice.Channel.SMS if dunning_round.by_sms else DunningNotice.Channel.MESSAGE
        _log(batch, channel, by=by, now=now, dunning_round=dunning_round)
        outbox.queue_messages("arrears_due", _letters(dunning_round, batch), now=now)
        notify_open_pages(dunning_round)
    return len(batch)


def _letters(dunning_round: DunningRound, homes: Sequence[Home]) -> list[Letter]:
    """Returns the message to each owner and relative of these homes. One query."""
    by_home = {home.pk: home for home in homes}
    living = queries.to_tell().filter(home__in=by_home).order_by("pk")
    letters = []
    for home_pk, user, number in living.values_list("home", "user", "user__phone_index"):
        home = by_home[home_pk]
        params = {"home": str(home), "bills": home.bills_late, "fen": home.fen}  # type: ignore[attr-defined]
        key = f"dunning:{dunning_round.pk}:{home_pk}"
        sms = dunning_round.by_sms and bool(number)
        letters.append(Letter(user, key, params, reverse("fees_pay_home", args=[home_pk]), sms=sms))
    return letters


def _log(
    homes: Sequence[Home],
    channel: str,
    *,
    by: User,
    now: datetime,
    dunning_round: DunningRound | None = None,
) -> None:
    DunningNotice.objects.bulk_create(
        DunningNotice(
            estate_id=home.estate.pk,
            home=home,
            round=dunning_round,
            channel=channel,
            amount_fen=home.fen,  # type: ignore[attr-defined]
            bills=home.bills_late,  # type: ignore[attr-defined]
            by=by,
            at=now,
        )
        for home in homes
    )


def _end_round(dunning_round: DunningRound, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            move(dunning_round, Status.DONE, by=None, now=now)
            notify_open_pages(dunning_round)
    except AlreadyMoved:
        return


def rounds_to_resume(now: datetime) -> list[DunningRound]:
    """Returns running rounds whose worker was killed, whose task the queue lost, or that waited for a morning."""
    running = DunningRound.objects.filter(status=Status.RUNNING, progressed_at__lt=now - STALLED_AFTER)
    return list(running.select_related("begun_by")[:20])


def log_letters(*, estate: Estate, homes: Sequence[Home], by: User, now: datetime) -> None:
    """Records that letters to these homes, with ``fen`` and ``bills_late``, were printed. Raises ``Forbidden``."""
    policies.require("dun", by, estate.pk)
    with transaction.atomic():
        _log(homes, DunningNotice.Channel.LETTER, by=by, now=now)
        audit.record("fees.letters_printed", by=by, estate_id=estate.pk, homes=len(homes))


def round_topic(dunning_round: DunningRound) -> str:
    """Returns the topic of the page of a round."""
    return f"dunning:{dunning_round.pk}"


def notify_open_pages(dunning_round: DunningRound) -> None:
    """Notifies the open page of the round. Call it last in the transaction."""
    live.notify_open_pages(round_topic(dunning_round))
