"""亲情代办: who may act for whom, for which services; and 请家人帮忙."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import person_with_phone
from accounts.models import Delegation, User
from accounts.policies import keeps_desk_for
from community.core import audit, limits
from community.core.errors import ActionError, Forbidden
from community.notifications import outbox

DAY, HOUR = 24 * 3600, 3600
MOST_A_DAY = 10
MOST_HANDOVERS_AN_HOUR = 5


def give_delegation(
    *, resident: User, phone: str, relation: str, services: Iterable[str], by: User, now: datetime
) -> list[Delegation]:
    """Let whoever has this number act for ``resident``; they need not have signed in yet.

    Services that were given before are left as they are. Both are told.
    """
    if by.pk != resident.pk and not keeps_desk_for(by, resident):
        raise Forbidden
    wanted = [service for service in Delegation.Service.values if service in set(services)]
    if not wanted:
        raise ActionError("service_missing", _("Please choose at least one."), field="services")
    if phone == resident.phone:
        raise ActionError("own_number", _("This is your own number."), field="phone")
    limits.hit("delegation", str(resident.pk), limit=MOST_A_DAY, seconds=DAY)
    with transaction.atomic():
        delegate = person_with_phone(phone)
        given = [
            one
            for service in wanted
            if (one := _give(resident, delegate, service, relation, now)) is not None
        ]
        if given:
            audit.record("delegation_given", by=by, target=resident, delegate=delegate.pk, services=wanted)
            # By SMS too: the delegate may never have signed in.
            _tell(delegate, "delegation_given", given[0], resident, now)
            _tell(resident, "delegation_noted", given[0], delegate, now)
    return given


def _give(resident: User, delegate: User, service: str, relation: str, now: datetime) -> Delegation | None:
    if Delegation.objects.active().filter(resident=resident, delegate=delegate, service=service).exists():
        return None
    try:
        with transaction.atomic():
            return Delegation.objects.create(
                resident=resident, delegate=delegate, service=service, relation=relation, created_at=now
            )
    except IntegrityError:  # given twice at the same moment
        return None


def end_delegations(*, resident: User, delegate: User, by: User, now: datetime) -> None:
    """End everything that ``resident`` has entrusted to ``delegate``; either side may, at any time.

    Repeating it returns quietly.
    """
    if by.pk not in {resident.pk, delegate.pk} and not keeps_desk_for(by, resident):
        raise Forbidden
    between = Delegation.objects.active().filter(resident=resident, delegate=delegate)
    with transaction.atomic():
        newest = between.first()
        if newest is None or not between.update(ended_at=now, ended_by=by):
            return
        audit.record("delegation_ended", by=by, target=resident, delegate=delegate.pk)
        _tell(resident, "delegation_ended", newest, delegate, now)
        _tell(delegate, "delegation_ended", newest, resident, now)


def _tell(person: User, template: str, delegation: Delegation, other: User, now: datetime) -> None:
    outbox.tell(
        person,
        template,
        key=f"delegation:{delegation.pk}:{template}",
        params={"name": str(other)},
        url=reverse("family"),
        sms=template == "delegation_given",
        now=now,
    )


def must_be_own_path(path: str) -> None:
    """A page of this site, by its path alone; raises ``ActionError`` for anything else."""
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        raise ActionError("foreign_address", _("This page cannot be handed over."))


def hand_over(*, by: User, delegates: Iterable[User], path: str, now: datetime) -> int:
    """请家人帮忙: send the family a link to the step at which this person stands.

    ``path`` must be an address of our own. Returns how many were asked.
    """
    must_be_own_path(path)
    entrusted = set(Delegation.objects.active().filter(resident=by).values_list("delegate", flat=True))
    asked = [person for person in delegates if person.pk in entrusted]
    if not asked:
        raise ActionError("nobody_chosen", _("Please choose who should help."))
    limits.hit("handover", str(by.pk), limit=MOST_HANDOVERS_AN_HOUR, seconds=HOUR)
    with transaction.atomic():
        for person in asked:
            outbox.tell(
                person,
                "handover",
                key=f"handover:{by.pk}:{now.timestamp():.6f}",
                params={"name": str(by)},
                url=_for(path, by),
                sms=True,
                now=now,
            )
        audit.record("handed_over", by=by, to=[person.pk for person in asked])
    return len(asked)


def _for(path: str, resident: User) -> str:
    """The same step, opened on behalf of the resident."""
    joint = "&" if "?" in path else "?"
    return path if "for=" in path else f"{path}{joint}for={resident.pk}"
