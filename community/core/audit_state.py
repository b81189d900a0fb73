"""State of the chain of seals, for the auditor's page."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from community.core import audit_check
from community.core.models import AuditCheck, AuditRecord, AuditSeal, SealSent


@dataclass(frozen=True)
class ChainState:
    """The last seal and the last check; ``sent`` is the last seal that all places off the machine have."""

    seal: AuditSeal | None
    check: AuditCheck | None
    sent: int | None
    # Whether records have waited for a seal for longer than they ever should.
    is_late: bool


def chain_state(*, now: datetime) -> ChainState:
    """Returns how the chain stands."""
    seal = AuditSeal.objects.defer("runs", "marks", "awaited").first()
    newer = AuditRecord.objects.filter(pk__gt=seal.up_to if seal else 0)
    numbers = dict(SealSent.objects.filter(place__in=settings.AUDIT_HEADS).values_list("place", "number"))
    return ChainState(
        seal=seal,
        check=AuditCheck.objects.first(),
        sent=min(numbers.get(place, 0) for place in settings.AUDIT_HEADS) if settings.AUDIT_HEADS else None,
        is_late=newer.filter(at__lt=now - audit_check.SEALED_AFTER).exists(),
    )
