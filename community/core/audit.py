"""The audit record: who did what, when, to what, from where, and with what outcome."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from community.core import clock
from community.core.models import AuditRecord


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
    """Append one record. ``detail`` must hold no secret and no sensitive text: only ids and codes.

    ``address`` is for what is done in the background: where it was asked for from.
    """
    AuditRecord.objects.create(
        action=action,
        actor=by if getattr(by, "pk", None) else None,
        target=f"{target._meta.label_lower}:{target.pk}" if target is not None else "",
        estate_id_number=estate_id,
        outcome=outcome,
        address=address or address_of(request),
        detail=detail,
        at=clock.now(),
    )


def address_of(request: HttpRequest | None) -> str | None:
    """Where a request came from."""
    return request.META.get("REMOTE_ADDR") or None if request is not None else None
