"""Gives and withdraws consents."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User, access_of
from accounts.models.privacy import VERSIONS, Purpose, is_child, purposes_for
from accounts.policies import must_be_desk_for_all_homes_of
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.events import consent_withdrawn

Way = Consent.Way
SAID_AT_THE_DESK = "asked at the desk or by phone"


def agree_to_health(*, person: User, by: User, now: datetime) -> None:
    """Records the consent to note what the person's health needs, and a guardian's for a child.

    ``by`` is the person, who acts for them or staff, whom they told so: the caller has checked that ``by`` may
    act for them in the service that asks. Repeating it changes nothing. Raises ``Forbidden`` for others, and
    ``ActionError`` (``guardian_needed``) for a child that agrees alone.
    """
    way = _way(person, by, now)
    with transaction.atomic():
        for purpose in purposes_for(person, now):
            _give(person, purpose, way=way, by=by, now=now)


def _way(person: User, by: User, now: datetime) -> Consent.Way:
    if by.pk == person.pk:
        if is_child(person, now):
            raise ActionError(
                "guardian_needed", _("You are under 14: a parent has to agree."), field="agrees"
            )
        return Way.SELF
    if person.pk in access_of(by).acts_for_in_any():
        return Way.GUARDIAN if is_child(person, now) else Way.FAMILY
    if access_of(by).estates():
        return Way.DESK
    raise Forbidden


def _give(person: User, purpose: Purpose, *, way: Consent.Way, by: User, now: datetime) -> None:
    standing = Consent.objects.standing().select_for_update().filter(person=person, purpose=purpose)
    for earlier in standing:
        if earlier.version == VERSIONS[purpose]:
            return
        earlier.withdrawn_at, earlier.withdrawn_by = now, by
        earlier.save(update_fields=["withdrawn_at", "withdrawn_by"])
    Consent.objects.create(
        person=person,
        purpose=purpose,
        version=VERSIONS[purpose],
        way=way,
        given_by=by,
        given_at=now,
        reason=SAID_AT_THE_DESK if way == Way.DESK else "",
    )
    audit.record("consent_given", by=by, target=person, purpose=purpose, way=way, version=VERSIONS[purpose])


def withdraw_consent(*, person: User, purpose: Purpose, by: User, now: datetime) -> None:
    """Withdraws a consent; services delete what they noted under it, in the same transaction.

    Repeating it changes nothing. The desk of all their homes may withdraw it for a resident who says so there.
    Raises ``Forbidden``, also as ``ActionError``, for any other actor.
    """
    if by.pk != person.pk:
        must_be_desk_for_all_homes_of(by, person)
    with transaction.atomic():
        standing = Consent.objects.standing().filter(person=person, purpose=purpose)
        if not standing.update(withdrawn_at=now, withdrawn_by=by):
            return
        consent_withdrawn.send(person=person, purpose=purpose, now=now)
        audit.record("consent_withdrawn", by=by, target=person, purpose=purpose)
