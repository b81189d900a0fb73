"""Delegations (亲情代办): a resident lets a relative act for them in chosen services; and 请家人帮忙."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import holder_of
from accounts.models import Delegation, HandedForm, User
from accounts.models.residents import DelegationQuerySet, delegable
from accounts.policies import must_be_desk_for_all_homes_of
from community.core import audit, changes, clock, limits
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import DELEGATION, DELEGATION_TO, HANDOVER, HANDOVER_TO
from community.core.services import declared
from community.notifications import live, outbox

# Longest path in characters; with 「for=…」 appended it still fits the address of a message.
MAX_PATH = 180


@dataclass(frozen=True)
class ProposedDelegation:
    """A delegation that a resident wishes: ``phone`` of the delegate in E.164, "" for whoever takes a link;
    ``ends_on`` its last day, None for good.
    """

    resident: User
    phone: str
    relation: str
    services: Iterable[str]
    ends_on: date | None = None


def give_delegation(*, proposed: ProposedDelegation, by: User, now: datetime) -> list[Delegation]:
    """Offers the holder of the number to act for the resident; the holder need not have signed in.

    Only the resident may offer; the desk uses ``propose_delegation``. Nothing is in force before the delegate
    accepts. Services already given get the new last day. Raises ``Forbidden`` for any other actor,
    ``ActionError`` as ``check_offer`` does, and ``TooMany``.
    """
    if by.pk != proposed.resident.pk:
        raise Forbidden
    wanted = check_offer(proposed, now)
    limits.hit_all([(DELEGATION, str(by.pk)), (DELEGATION_TO, proposed.phone)])
    return offer(wanted, by=by, now=now)


def check_offer(proposed: ProposedDelegation, now: datetime) -> ProposedDelegation:
    """Returns it with the chosen services in the order of the table.

    Raises ``ActionError`` with the field if none is chosen, the number is the resident's own, or the last day
    is past.
    """
    chosen = set(proposed.services)
    wanted = [service for service, _label in delegable() if service in chosen]
    if not wanted:
        raise ActionError("service_missing", _("Please choose at least one."), field="services")
    if proposed.phone and proposed.phone == proposed.resident.phone:
        raise ActionError("own_number", _("This is your own number."), field="phone")
    if proposed.ends_on is not None and proposed.ends_on < clock.today(now):
        raise ActionError("day_past", _("This day is past."), field="ends_on")
    return replace(proposed, services=wanted)


def offer(proposed: ProposedDelegation, *, by: User, now: datetime) -> list[Delegation]:
    """Creates the offers and tells the delegate; the caller has checked that the resident agreed.

    Returns the new delegations. Raises ``ActionError`` if the number belongs to a staff account that never
    confirmed it.
    """
    resident, wanted = proposed.resident, list(proposed.services)
    with transaction.atomic():
        delegate = holder_of(proposed.phone)
        given = [
            one for service in wanted if (one := give_service(proposed, delegate, service, now)) is not None
        ]
        if given:
            audit.record(
                "delegation_given",
                by=by,
                target=resident,
                delegate=delegate.pk,
                services=wanted,
                ends_on=str(proposed.ends_on or ""),
            )
            # By SMS too: the delegate may never have signed in.
            tell_of_delegation(delegate, "delegation_offered", given[0], now, digits=_digits(resident))
    return given


def give_service(
    proposed: ProposedDelegation, delegate: User, service: str, now: datetime, *, accepted: bool = False
) -> Delegation | None:
    """Creates the delegation for one service; one that stands gets the new last day, and None is returned.

    Call it in a transaction. One whose last day is over is ended first. Checks no policy.
    """
    between = Delegation.objects.filter(resident=proposed.resident, delegate=delegate, service=service)
    if standing := list(between.open()):
        with changes.of(*standing):
            between.open().update(ends_on=proposed.ends_on, reminded_at=None)
        return None
    if over := list(between.over_on(clock.today(now))):
        with changes.of(*over):
            between.over_on(clock.today(now)).update(ended_at=now)
    try:
        with transaction.atomic():
            return Delegation.objects.create(
                resident=proposed.resident,
                delegate=delegate,
                service=service,
                relation=proposed.relation,
                ends_on=proposed.ends_on,
                created_at=now,
                accepted_at=now if accepted else None,
            )
    except IntegrityError:  # given twice at the same moment
        return None


def accept_delegations(*, resident: User, delegate: User, by: User, now: datetime) -> None:
    """Accepts everything that ``resident`` has offered to ``delegate``. Repeating it changes nothing.

    Raises ``Forbidden`` for any actor but the delegate, and ``ActionError`` (``offer_gone``) if the offer was
    taken back.
    """
    if by.pk != delegate.pk:
        raise Forbidden
    between = Delegation.objects.open().filter(resident=resident, delegate=delegate)
    with transaction.atomic():
        newest = between.offered().first()
        with changes.covering(Delegation, topics=[f"resident:{resident.pk}", f"resident:{delegate.pk}"]):
            is_accepted = bool(newest and between.offered().update(accepted_at=now))
        if newest is None or not is_accepted:
            if not between.active().exists():
                raise ActionError("offer_gone", _("This was taken back."))
            return
        audit.record("delegation_accepted", by=by, target=resident, delegate=delegate.pk)
        tell_of_delegation(resident, "delegation_noted", newest, now, name=str(delegate))


def end_delegations(
    *, resident: User, delegate: User, by: User, offers_only: bool = False, now: datetime
) -> None:
    """Ends all delegations from ``resident`` to ``delegate``; both may, and the desk of all the resident's
    homes.

    ``offers_only`` ends only offers that were not accepted. Repeating it changes nothing. Raises
    ``Forbidden`` or ``ActionError`` for any other actor.
    """
    if by.pk not in {resident.pk, delegate.pk}:
        must_be_desk_for_all_homes_of(by, resident)
    between = Delegation.objects.open().filter(resident=resident, delegate=delegate)
    if offers_only:
        between = between.offered()
    close_delegations(between, resident=resident, delegate=delegate, by=by, now=now)


def close_delegations(
    between: DelegationQuerySet, *, resident: User, delegate: User, by: User | None, now: datetime
) -> bool:
    """Ends these delegations and tells both people; returns False if they had already ended.

    ``by`` is None after a last day. Checks no policy.
    """
    with transaction.atomic():
        knew_each_other = between.accepted().exists()
        newest = between.first()
        with changes.covering(Delegation, topics=[f"resident:{resident.pk}", f"resident:{delegate.pk}"]):
            is_ended = bool(newest and between.update(ended_at=now, ended_by=by))
        if newest is None or not is_ended:
            return False
        if knew_each_other:
            left = Delegation.objects.active().filter(resident=resident, delegate=delegate).values("service")
            HandedForm.objects.filter(resident=resident, delegate=delegate).exclude(service__in=left).delete()
        audit.record("delegation_ended", by=by, target=resident, delegate=delegate.pk)
        for person, other in ((resident, delegate), (delegate, resident)):
            name = str(other) if knew_each_other else f"****{_digits(other)}"
            tell_of_delegation(person, "delegation_ended", newest, now, name=name)
        live.access_ended(resident.pk, delegate.pk)
    return True


def _digits(person: User) -> str:
    """Returns the last four digits of the number, shown to people who are not connected yet."""
    return person.phone[-4:]


def tell_of_delegation(
    person: User, template: str, delegation: Delegation, now: datetime, **params: str
) -> None:
    """Messages one side once about a delegation; by SMS too if it is an offer."""
    outbox.queue_message(
        person,
        template,
        key=f"delegation:{delegation.pk}:{template}",
        params=params,
        url=reverse("family"),
        sms=template == "delegation_offered",
        now=now,
    )


def must_be_local_path(path: str) -> None:
    """Raises ``ActionError`` unless ``path`` is the path of a page of this site."""
    is_page = path.startswith("/") and len(path) <= MAX_PATH
    if not is_page or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        raise ActionError("foreign_address", _("This page cannot be handed over."))


def hand_over(*, by: User, delegates: Iterable[User], path: str, now: datetime) -> int:
    """Sends relatives a link to the page at which this person asks for help (请家人帮忙).

    Asks only active delegates among ``delegates``; returns how many. Raises ``ActionError`` for a foreign
    ``path`` or if no delegate is left, and ``TooMany``.
    """
    must_be_local_path(path)
    entrusted = set(Delegation.objects.active().filter(resident=by).values_list("delegate", flat=True))
    asked = [person for person in delegates if person.pk in entrusted]
    if not asked:
        raise ActionError("nobody_chosen", _("Please choose who should help."))
    limits.hit_all([(HANDOVER, str(by.pk)), *((HANDOVER_TO, str(person.pk)) for person in asked)])
    with transaction.atomic():
        for person in asked:
            outbox.queue_message(
                person,
                "handover",
                key=f"handover:{by.pk}:{now.timestamp():.6f}",
                params={"name": str(by), "step": _step_for(person, path, by)},
                url=handed_path(path, by),
                sms=True,
                now=now,
            )
        audit.record("handed_over", by=by, to=[person.pk for person in asked])
    return len(asked)


def _step_for(reader: User, path: str, resident: User) -> str:
    """Returns the step at ``path`` in the reader's language, as the services name it.

    Only with a delegation for that service: the names say prices and debts.
    """
    given = Delegation.objects.active().filter(resident=resident, delegate=reader)
    entrusted = set(given.values_list("service", flat=True))
    with override(reader.language or settings.LANGUAGE_CODE):
        return step_words(path, resident, entrusted) or gettext("finish a step for them")


def step_words(path: str, resident: User, entrusted: Container[str] | None = None) -> str:
    """Returns the name of the step at ``path`` in the active language, as far as ``resident`` may see it; ""
    if no service names it, or one that can be delegated and is not among ``entrusted``.
    """
    try:
        found = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    for service in declared():
        words = service.home.steps.get(found.url_name or "") if service.home else None
        if words and service.delegated and entrusted is not None and service.key not in entrusted:
            return ""
        if words:
            return str(words(resident, found.kwargs) if callable(words) else words)
    return ""


def handed_path(path: str, resident: User) -> str:
    """Returns the path of the same page, opened on behalf of ``resident``."""
    joint = "&" if "?" in path else "?"
    return path if "for=" in path else f"{path}{joint}for={resident.pk}"
