"""Invitations of relatives by a link (亲情代办), shared in WeChat or shown as a QR code.

Nothing is in force before both have agreed: the relative, who takes the link signed in with a checked number, and
then the resident, who sees that person's name and number. The link is signed, taken once, and expires.
"""

from datetime import datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions.delegations import ProposedDelegation, check_offer, give_service
from accounts.actions.people import rename
from accounts.models import Delegation, FamilyInvitation, User
from accounts.models.consents import INVITATION_VALID
from community.core import audit, changes, limits
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import INVITATION, INVITATION_TAKEN
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import live, outbox

Status = FamilyInvitation.Status
SALT = "accounts.FamilyInvitation"


def invite_family(*, proposed: ProposedDelegation, by: User, now: datetime) -> FamilyInvitation:
    """Creates a link for one relative, valid for ``INVITATION_VALID``; only the resident may.

    Raises ``Forbidden``, ``ActionError`` as ``check_offer`` does, and ``TooMany``.
    """
    if by.pk != proposed.resident.pk:
        raise Forbidden
    wanted = check_offer(proposed, now)
    limits.hit(INVITATION, str(by.pk))
    with transaction.atomic():
        invitation = FamilyInvitation.objects.create(
            resident=by,
            relation=wanted.relation,
            services=wanted.services,
            ends_on=wanted.ends_on,
            created_at=now,
            status_changed_at=now,
            expires_at=now + INVITATION_VALID,
        )
        record_first_status(invitation, by=by, now=now)
        audit.record("family_invited", by=by, target=by, services=wanted.services)
    return invitation


def token_of(invitation: FamilyInvitation) -> str:
    """Returns the part of the link that nobody can guess, signed."""
    return signing.Signer(salt=SALT).sign(f"{invitation.pk}.{invitation.nonce}")


def invitation_of(token: str, *, by: User | None, now: datetime) -> FamilyInvitation:
    """Returns the invitation of a link that is open, or that ``by`` has taken; ``None`` is a person signed out.

    Raises ``ActionError`` (``link_over``) for any other link, without saying why: it was taken by somebody
    else, withdrawn, expired or never made.
    """
    try:
        key, _dot, nonce = signing.Signer(salt=SALT).unsign(token).partition(".")
    except signing.BadSignature:
        raise _over() from None
    found = FamilyInvitation.objects.select_related("resident").filter(pk=key, nonce=nonce).first()
    if found is None or found.status not in (Status.OPEN, Status.TAKEN):
        raise _over()
    if found.status == Status.TAKEN and by is not None and found.delegate_id == by.pk:
        return found
    if found.status != Status.OPEN or found.expires_at <= now:
        raise _over()
    return found


def _over() -> ActionError:
    return ActionError("link_over", _("This link is no longer valid. Please ask for a new one."))


def take_invitation(*, invitation: FamilyInvitation, by: User, name: str = "", now: datetime) -> None:
    """Records that ``by`` agrees to act for the resident, who must still confirm them. Repeating it changes
    nothing.

    ``name`` is stored if the person has none. Raises ``ActionError`` (``own_link``, ``number_unconfirmed``,
    ``name_missing``, ``link_over``) and ``TooMany``.
    """
    if by.pk == invitation.resident_id:
        raise ActionError("own_link", _("This is your own link. Please send it to your family."))
    if invitation.delegate_id == by.pk:
        return
    if by.phone_verified_at is None:  # the resident would be shown a number that may be another person's
        raise ActionError(
            "number_unconfirmed", _("Your number was never confirmed. Please confirm it first.")
        )
    limits.hit(INVITATION_TAKEN, str(by.pk))
    with transaction.atomic():
        if not by.name:
            rename(user=by, name=name, by=by)
        try:
            move(invitation, Status.TAKEN, by=by, now=now, only_if={"expires_at__gt": now}, delegate=by)
        except AlreadyMoved:
            raise _over() from None
        audit.record("family_invitation_taken", by=by, target=invitation.resident, delegate=by.pk)
        _tell(invitation, invitation.resident, "invitation_taken", now, name=str(by), digits=by.phone[-4:])
        live.notify_open_pages(f"resident:{invitation.resident_id}")


def confirm_invitation(*, invitation: FamilyInvitation, by: User, now: datetime) -> None:
    """Puts the delegations into force: the resident knows the person who took the link. Repeating it changes
    nothing.

    Raises ``Forbidden`` for all but the resident, ``AlreadyMoved`` if it was dropped, and ``ActionError`` as
    ``check_offer`` does.
    """
    if by.pk != invitation.resident_id:
        raise Forbidden
    if invitation.status == Status.CONFIRMED:
        return
    delegate = invitation.delegate
    if delegate is None:
        raise AlreadyMoved
    with transaction.atomic():
        move(invitation, Status.CONFIRMED, by=by, now=now)
        proposed = check_offer(_proposed_in(invitation), now)
        for service in proposed.services:
            _give(proposed, delegate, service, now)
        audit.record(
            "delegation_given",
            by=by,
            target=by,
            delegate=delegate.pk,
            services=invitation.services,
            how="link",
            ends_on=str(invitation.ends_on or ""),
        )
        _tell(invitation, delegate, "delegation_begun", now, name=str(invitation.resident))
        live.notify_open_pages(f"resident:{delegate.pk}", f"resident:{by.pk}")


def _proposed_in(invitation: FamilyInvitation) -> ProposedDelegation:
    return ProposedDelegation(
        resident=invitation.resident,
        phone="",
        relation=invitation.relation,
        services=invitation.services,
        ends_on=invitation.ends_on,
    )


def _give(proposed: ProposedDelegation, delegate: User, service: str, now: datetime) -> None:
    """Creates the delegation, or accepts the one that was offered before: both have agreed."""
    offered = Delegation.objects.offered().filter(
        resident=proposed.resident, delegate=delegate, service=service
    )
    if not offered.exists():
        give_service(proposed, delegate, service, now, accepted=True)
        return
    with changes.of(*offered):
        offered.update(accepted_at=now, ends_on=proposed.ends_on)


def drop_invitation(*, invitation: FamilyInvitation, by: User, now: datetime) -> None:
    """Withdraws the link, or refuses the person who took it. Repeating it changes nothing.

    Raises ``Forbidden`` for all but the resident and ``AlreadyMoved`` if it was confirmed meanwhile.
    """
    if by.pk != invitation.resident_id:
        raise Forbidden
    if invitation.status == Status.DROPPED:
        return
    with transaction.atomic():
        move(invitation, Status.DROPPED, by=by, now=now)
        audit.record("family_invitation_dropped", by=by, target=by, delegate=invitation.delegate_id)


def drop_invitations_of(person: User, *, by: User | None, now: datetime) -> None:
    """Withdraws all unfinished links of a person who has moved out or whose number has changed, and those
    that they have taken. Checks no policy.
    """
    unfinished = FamilyInvitation.objects.unfinished()
    for invitation in unfinished.filter(resident=person) | unfinished.filter(delegate=person):
        move(invitation, Status.DROPPED, by=by, now=now)


def _tell(invitation: FamilyInvitation, person: User, template: str, now: datetime, **params: str) -> None:
    outbox.queue_message(
        person,
        template,
        key=f"invitation:{invitation.pk}:{template}",
        params=params,
        url=reverse("family"),
        now=now,
    )
