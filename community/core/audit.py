"""Audit record: actor, act, time, target, network address and outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.http import HttpRequest

from community.core import clock
from community.core.limits import network
from community.core.models import AuditRecord, FailureCount
from community.core.transitions import StatusChange

# Failures of a network, and of all, written one by one in a quarter of an hour.
WINDOW_MINUTES, SINGLY, SINGLY_OF_ALL = 15, 10, 200
MAX_AT_ONCE = 500
# The one code for this fact, whichever service shows the number.
# Earlier versions recorded ``<service>.contact_shown`` instead. Those rows stay, so the services still declare words
# for these acts.
NUMBER_READ = "number_read"
# IP address of the request that is answered; None outside of one, and on pages without traces.
_address: ContextVar[str | None] = ContextVar("address", default=None)


@contextmanager
def address_known(request: HttpRequest) -> Iterator[None]:
    """Lets all records inside say from where the request came, those of actions too, which know no request."""
    token = _address.set(address_of(request))
    try:
        yield
    finally:
        _address.reset(token)


def forget_address() -> None:
    """Leaves the address out of further records of this request."""
    _address.set(None)


def record(
    action: str,
    *,
    by: Any,
    target: models.Model | None = None,
    estate_id: int | None = None,
    outcome: str = "ok",
    request: HttpRequest | None = None,
    address: str | None = None,
    **detail: Any,
) -> None:
    """Appends an audit record. ``detail`` holds only ids and codes, no secret or sensitive text.

    The address is that of the request that is answered; ``address`` is the one that started background work.
    """
    AuditRecord.objects.create(
        action=action,
        actor=by if getattr(by, "pk", None) else None,
        target=f"{target._meta.label_lower}:{target.pk}" if target is not None else "",
        estate_id_number=estate_id,
        outcome=outcome,
        address=address or address_of(request) or _address.get(),
        detail=detail,
        at=clock.now(),
    )


def record_number_read(
    target: models.Model, *, by: Any, request: HttpRequest, estate_id: int | None = None
) -> None:
    """Records that ``by`` was shown a person's phone number, on the page or in the answer about ``target``."""
    record(NUMBER_READ, by=by, target=target, estate_id=estate_id, request=request)


def record_on_behalf(sender: Any, instance: StatusChange, created: bool, **kwargs: Any) -> None:
    """Records a step that somebody took for another person; receives the saved rows of all histories.

    Steps of the system itself, such as a bill of a month, are nobody's.
    """
    if not created or instance.on_behalf_of_id is None or instance.actor_id is None:
        return
    subject = next(field.name for field in sender._meta.fields if _is_subject(field))
    row = getattr(instance, subject)
    record(
        "on_behalf",
        by=instance.actor,
        target=row,
        estate_id=getattr(row, "estate_id", None),
        person=instance.on_behalf_of_id,
        step=instance.to_status,
    )


def _is_subject(field: Any) -> bool:
    return bool(field.remote_field) and field.remote_field.related_name == "history"


def record_failure(
    action: str,
    *,
    outcome: str,
    request: HttpRequest,
    by: Any = None,
    target: models.Model | None = None,
    **detail: Any,
) -> None:
    """Appends a failed attempt, unless the network has too many already.

    Records cannot be deleted, so an attacker must not be able to fill the table. In each quarter of an hour
    the first failures of a network, and of all networks, are written one by one; then one record says that
    the rest is counted, and ``write_folded`` writes the count.
    """
    now, kind = clock.now(), f"{action}:{outcome}"
    since = now.replace(minute=now.minute // WINDOW_MINUTES * WINDOW_MINUTES, second=0, microsecond=0)
    for place, singly in (("", SINGLY_OF_ALL), (network(request), SINGLY)):
        count = _count(kind, place, since)
        if count == singly + 1:
            told: dict[str, Any] = {"of": outcome, "network": place, "written": singly}
            record(action, by=None, outcome="folding", request=request, **told)
        if count > singly:
            return
    record(action, by=by, target=target, outcome=outcome, request=request, **detail)


def _count(kind: str, place: str, since: datetime) -> int:
    known = {"kind": kind, "network": place, "since": since}
    FailureCount.objects.get_or_create(**known, defaults={"count": 0})
    with transaction.atomic():
        FailureCount.objects.filter(**known).update(count=F("count") + 1)
        return FailureCount.objects.values_list("count", flat=True).get(**known)


def write_folded(now: datetime) -> int:
    """Writes how many failures of past quarters were only counted; returns the number of records."""
    written = 0
    for row in FailureCount.objects.filter(since__lt=now - 2 * timedelta(minutes=WINDOW_MINUTES))[
        :MAX_AT_ONCE
    ]:
        more = row.count - (SINGLY if row.network else SINGLY_OF_ALL)
        with transaction.atomic():
            if not FailureCount.objects.filter(pk=row.pk).delete()[0] or more <= 0:
                continue
            action, _colon, outcome = row.kind.partition(":")
            told: dict[str, Any] = {
                "of": outcome,
                "network": row.network,
                "count": more,
                "since": row.since.isoformat(),
            }
            record(action, by=None, outcome="folded", **told)
            written += 1
    return written


def address_of(request: HttpRequest | None) -> str | None:
    """Returns the IP address of a request."""
    return request.META.get("REMOTE_ADDR") or None if request is not None else None
