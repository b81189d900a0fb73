"""Messages about a refund to the second person, to whoever asked and to the household; its audit record."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from community.core import audit
from community.notifications import live, outbox
from services.fees import policies
from services.fees.actions.steps import notify_open_pages as notify_pages_of_payment
from services.fees.actions.steps import payment_path, takings_topic, tell_payer
from services.fees.models import Account, Deposit, Payment, Refund


def record(act: str, refund: Refund, *, by: User, **detail: Any) -> None:
    """Records an act on a refund, on the row whose money it is."""
    audit.record(
        act,
        by=by,
        target=refund.source,
        estate_id=refund.estate_id,
        reference=_reference(refund),
        fen=refund.amount_fen,
        **detail,
    )


def _reference(refund: Refund) -> str:
    """Returns the reference of the payment or deposit; the home of a prepayment."""
    return str(refund.home) if refund.account else refund.of_payment.reference


def params(refund: Refund) -> dict[str, Any]:
    """Returns the parameters of messages about a refund: its reference, and its amount in fen."""
    return {"reference": _reference(refund), "fen": refund.amount_fen + refund.kept_fen}


def staff_path(refund: Refund) -> str:
    """Returns the path of the refund's page for staff."""
    return reverse("fees_refund_page", args=[refund.pk])


def notify_open_pages(refund: Refund) -> None:
    """Notifies the open pages that show a refund. Call it last in the transaction."""
    if refund.account is None:
        notify_pages_of_payment(refund.of_payment)
        return
    topics = {f"bills:{refund.home_id}", takings_topic(refund.estate_id)}
    if refund.person_id:
        topics.add(f"resident:{refund.person_id}")
    live.notify_open_pages(*topics)


def tell_approvers(refund: Refund, *, now: datetime) -> None:
    """Notifies everyone in the estate who may approve."""
    people = User.objects.filter(
        staff_roles__estate=refund.estate_id,
        staff_roles__role__in=policies.ROLES_BY_VERB["approve_refund"],
        is_active=True,
    ).exclude(pk=refund.made_by_id)
    for person in people.distinct():
        outbox.queue_message(
            person,
            "refund_asked",
            key=f"refund:{refund.pk}:asked",
            params=params(refund) | {"name": str(refund.made_by)},
            url=staff_path(refund),
            now=now,
        )


def tell_asker(refund: Refund, step: int, *, now: datetime) -> None:
    """Notifies the person who asked that it was declined."""
    outbox.queue_message(
        refund.made_by,
        "refund_declined",
        key=f"refund:{refund.pk}:{step}",
        params=params(refund),
        url=staff_path(refund),
        now=now,
    )


def tell_payer_done(refund: Refund, *, now: datetime) -> None:
    """Notifies the payer that the provider has paid it back."""
    tell_payer(
        refund.of_payment, "refund_done", key=f"refund:{refund.pk}", params=params(refund), sms=True, now=now
    )


def tell_household(refund: Refund, *, now: datetime) -> None:
    """Notifies those whose money it was; who paid it also by SMS."""
    if refund.payment:
        people, template = people_of(refund.payment), "cash_given_back"
    elif refund.deposit:
        people, template = _people_of_deposit(refund.deposit), "deposit_given_back"
    else:
        assert refund.account is not None
        people, template = _people_of_account(refund.account), "prepayment_given_back"
    if refund.amount_fen:
        _tell(refund, people, template, params(refund) | {"fen": refund.amount_fen}, now=now)
    if refund.kept_fen:
        kept = {"reference": _reference(refund), "fen": refund.kept_fen, "why": refund.reason}
        _tell(refund, people, "deposit_kept", kept, now=now)


def _tell(refund: Refund, people: set[User], template: str, given: dict[str, Any], *, now: datetime) -> None:
    for person in sorted(people, key=lambda person: person.pk):
        outbox.queue_message(
            person,
            template,
            key=f"refund:{refund.pk}:{template}",
            params=given,
            url=_path(refund, person),
            sms=template == "cash_given_back" and person.pk == refund.person_id,
            now=now,
        )


def _path(refund: Refund, person: User) -> str:
    """Returns the path of the page that shows it to this person; none if they may not see it."""
    if refund.payment:
        seen = Payment.objects.visible_to(person).filter(pk=refund.payment.pk).exists()
        return payment_path(refund.payment) if seen else ""
    if refund.deposit:
        seen = Deposit.objects.visible_to(person).filter(pk=refund.deposit.pk).exists()
        return reverse("deposit", args=[refund.deposit.pk]) if seen else ""
    return reverse("fees_history")


def people_of(payment: Payment) -> set[User]:
    """Returns the payer and, unless all bills are in a person's name, the residents of the home."""
    lines = list(payment.lines.select_related("bill__charged_to"))
    people = {line.bill.charged_to for line in lines if line.bill.charged_to is not None}
    if not lines or any(line.bill.charged_to is None for line in lines):
        people |= _residents(payment.home_id)
    if payment.payer is not None:
        people.add(payment.payer)
    return people


def _residents(home_pk: int) -> set[User]:
    living = {"residencies__home": home_pk, "residencies__status": "active"}
    return set(User.objects.filter(**living))


def _people_of_account(account: Account) -> set[User]:
    assert account.home_id is not None
    return {account.person} if account.person else _residents(account.home_id)


def _people_of_deposit(deposit: Deposit) -> set[User]:
    payer = deposit.payment.payer
    if payer is not None:
        return {payer}
    there = Deposit.objects.filter(pk=deposit.pk)
    return {
        person
        for person in _residents(deposit.home_id)
        if there.of_payer(person).exists()  # type: ignore[attr-defined]
    }
