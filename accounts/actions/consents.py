"""Asks residents to agree before a delegation that the desk wrote down is offered."""

import secrets
from datetime import datetime
from typing import IO, Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.actions.delegations import ProposedDelegation, check_offer, offer
from accounts.models import DelegationRequest, User
from accounts.models.consents import MAX_TRIES
from accounts.policies import (
    is_number_of_staff_at_homes_of,
    may_confirm_paper,
    must_be_desk_for_all_homes_of,
)
from community.core import audit, limits, pictures
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import DELEGATION, DELEGATION_TO
from community.core.transitions import move, record_first_status
from community.notifications import outbox, sms

Status, Way = DelegationRequest.Status, DelegationRequest.Way
SALT = "accounts.consents"
SMS_CODE = "delegation_code"


def propose_delegation(
    proposed: ProposedDelegation, *, by: User, picture: IO[bytes] | None = None, now: datetime
) -> DelegationRequest:
    """Records the delegation that a resident asked for at the desk, and asks the resident to agree.

    ``phone`` is the delegate's number in E.164. With ``picture``, a photo of the signed paper, a colleague
    confirms it; without, a code goes to the resident's own number, which must have been checked by signing
    in. Staff never see the code. Raises ``Forbidden`` or ``ActionError`` for an actor who is not the desk of
    all the resident's homes, ``ActionError`` for a wrong offer, the number of the actor or a colleague or the
    wrong way to agree, and ``TooMany``.
    """
    resident, phone = proposed.resident, proposed.phone
    must_be_desk_for_all_homes_of(by, resident)
    if by.pk == resident.pk:
        raise Forbidden
    wanted = check_offer(proposed, now)
    if phone == by.phone:
        raise ActionError("own_proposal", _("A colleague must enter you."), field="phone")
    if is_number_of_staff_at_homes_of(resident, phone):
        words = _("This is a colleague's number. Please let the resident add them on their own phone.")
        raise ActionError("colleague", words, field="phone")
    _check_way(resident, picture)
    limits.hit_all([(DELEGATION, str(resident.pk)), (DELEGATION_TO, phone)])
    code = f"{secrets.randbelow(10**6):06d}"
    uploads = [picture] if picture is not None else []
    with pictures.storing(uploads) as stored, transaction.atomic():
        request = DelegationRequest.objects.create(
            resident=resident,
            phone=phone,
            relation=wanted.relation,
            services=wanted.services,
            ends_on=wanted.ends_on,
            way=Way.PAPER if stored else Way.CODE,
            picture_key=stored[0].key if stored else "",
            proposed_by=by,
            status_changed_at=now,
            created_at=now,
        )
        if not stored:
            request.code_hash = _hash(request, code)
            request.save(update_fields=["code_hash"])
        record_first_status(request, by=by, now=now, on_behalf_of=resident)
        _record("delegation_proposed", request, by=by)
        _tell(request, "delegation_proposed", now=now)
    if not uploads:
        sms.send_code(phone=resident.phone, code=code, template=SMS_CODE)
    return request


def _check_way(resident: User, picture: IO[bytes] | None) -> None:
    """Requires a code from residents with a checked number and a paper from all others."""
    if picture is None and not (resident.phone and resident.phone_verified_at):
        raise ActionError(
            "no_checked_number",
            _("They have never signed in with a phone. Please add a photo of the signed paper."),
            field="picture",
        )
    if picture is not None and resident.phone_verified_at:
        raise ActionError(
            "has_a_phone", _("They have a phone of their own: please ask them by a code."), field="picture"
        )


def agree_by_code(*, request: DelegationRequest, code: str, by: User, now: datetime) -> None:
    """Accepts the code that the resident types at the desk.

    Five wrong codes void the request. Repeating it after the agreement changes nothing. Raises
    ``ActionError`` (``code_wrong``, ``code_used_up``), ``Forbidden`` for another desk and ``AlreadyMoved``.
    """
    must_be_desk_for_all_homes_of(by, request.resident)
    if request.status == Status.AGREED:
        return
    left = DelegationRequest.objects.waiting().filter(pk=request.pk, tries__lt=MAX_TRIES)
    if not request.takes_code(now) or not left.update(tries=F("tries") + 1):
        raise ActionError("code_used_up", _("This code is no longer valid. Please begin again."))
    if not constant_time_compare(_hash(request, code), request.code_hash):
        raise ActionError("code_wrong", _("The code is wrong."), field="code")
    _agree(request, by=by, how="code", now=now)


def agree_to_request(*, request: DelegationRequest, by: User, now: datetime) -> None:
    """Records the agreement that the resident gives on their own page.

    Raises ``Forbidden`` for anyone else and ``AlreadyMoved`` if the request was dropped meanwhile.
    """
    if by.pk != request.resident_id:
        raise Forbidden
    if request.status != Status.AGREED:
        _agree(request, by=by, how="page", now=now)


def confirm_paper(*, request: DelegationRequest, by: User, now: datetime) -> None:
    """Records that a second member of staff has checked the signed paper.

    Raises ``ActionError`` (``needs_another``) for the colleague who proposed it, the resident and the
    delegate, ``Forbidden`` for another desk, and ``AlreadyMoved`` if the request was dropped meanwhile.
    """
    must_be_desk_for_all_homes_of(by, request.resident)
    if not may_confirm_paper(by, request):
        raise ActionError("needs_another", _("Somebody else must confirm this."))
    if request.status != Status.AGREED:
        _agree(request, by=by, how="paper", now=now, confirmed_by=by)


def drop_request(*, request: DelegationRequest, by: User, now: datetime) -> None:
    """Drops the request, for the resident or the desk. Repeating it changes nothing.

    Raises ``Forbidden`` or ``ActionError`` for another desk, and ``AlreadyMoved`` if the resident agreed
    meanwhile.
    """
    if by.pk != request.resident_id:
        must_be_desk_for_all_homes_of(by, request.resident)
    if request.status == Status.DROPPED:
        return
    with transaction.atomic():
        move(request, Status.DROPPED, by=by, now=now)
        _record("delegation_refused", request, by=by)


def _agree(request: DelegationRequest, *, by: User, how: str, now: datetime, **changes: Any) -> None:
    with transaction.atomic():
        move(request, Status.AGREED, by=by, now=now, on_behalf_of=request.resident, **changes)
        _record("delegation_agreed", request, by=by, how=how)
        offer(check_offer(proposed_in(request), now), by=by, now=now)
        _tell(request, "delegation_agreed", now=now, sms_too=True)


def proposed_in(request: DelegationRequest) -> ProposedDelegation:
    """Returns the delegation that a request would give."""
    return ProposedDelegation(
        resident=request.resident,
        phone=request.phone,
        relation=request.relation,
        services=request.services,
        ends_on=request.ends_on,
    )


def _hash(request: DelegationRequest, code: str) -> str:
    return salted_hmac(SALT, f"{request.pk}:{code}", algorithm="sha256").hexdigest()


def _record(act: str, request: DelegationRequest, *, by: User, **detail: Any) -> None:
    audit.record(
        act,
        by=by,
        target=request.resident,
        request_id=request.pk,
        way=request.way,
        proposed_by=request.proposed_by_id,
        services=request.services,
        **detail,
    )


def _tell(request: DelegationRequest, template: str, *, now: datetime, sms_too: bool = False) -> None:
    outbox.queue_message(
        request.resident,
        template,
        key=f"delegation_request:{request.pk}:{template}",
        params={"digits": request.digits},
        url=reverse("family"),
        sms=sms_too,
        now=now,
    )
