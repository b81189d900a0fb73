"""The only code that changes a status.

A model with a status has the fields ``status`` and ``status_changed_at``, a table ``TRANSITIONS`` of ``{from:
{to, …}}``, and a history model that points to it as ``history``.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from community.core import changes as row_changes
from community.core.encryption import EncryptedTextField
from community.core.errors import ActionError


class StatusChange(models.Model):
    """A change of status, written once and never edited."""

    # Whether whoever watches the servers may see that one was written just now.
    is_counted = True

    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = EncryptedTextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["at", "pk"]


@cache
def _choices(field: Any) -> dict[Any, Any]:
    return dict(field.flatchoices)


class HasStatus(models.Model):
    """Base of every model with a status."""

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: Any) -> Any:  # noqa: N802 (the name is Django's)
        """Returns the words of a choice. Django's own puts all choices into words to find one."""
        if not isinstance(field.choices, list):
            return super()._get_FIELD_display(field)  # type: ignore[misc]
        value = getattr(self, field.attname)
        return str(_choices(field).get(value, value))

    def history_fields(self) -> dict[str, Any]:
        """Returns further fields of a history row."""
        return {}


class AlreadyMoved(ActionError):
    """Raised when another request changed the status first."""

    def __init__(self) -> None:
        super().__init__("already_moved", _("Someone else has just changed this. Here is how it stands now."))


def may_move(instance: models.Model, to: str) -> bool:
    """Whether ``TRANSITIONS`` allows ``to`` from the status of ``instance``."""
    return to in instance.TRANSITIONS.get(instance.status, set())  # type: ignore[attr-defined]


def record_first_status(
    instance: models.Model, *, by: Any, now: datetime, on_behalf_of: Any = None, reason: str = ""
) -> StatusChange:
    """Writes the first history row of a new instance."""
    return _write_history(instance, "", by=by, on_behalf_of=on_behalf_of, reason=reason, now=now)


def move(
    instance: Any,
    to: str,
    *,
    by: Any,
    now: datetime,
    on_behalf_of: Any = None,
    reason: str = "",
    only_if: Mapping[str, Any] | None = None,
    recorded: Mapping[str, Any] | None = None,
    **changes: Any,
) -> StatusChange:
    """Changes the status of ``instance`` to ``to`` together with ``changes``; returns the history row.

    One conditional UPDATE on the old status decides between two requests, on every database; nothing is
    locked before. ``only_if`` adds conditions. ``by=None`` means the system. Raises ``AlreadyMoved``, having
    written nothing, if the row no longer has the status of ``instance`` or the table has no such step.
    """
    old = instance.status
    if not may_move(instance, to):
        raise AlreadyMoved
    with transaction.atomic():
        still_there = type(instance).objects.filter(pk=instance.pk, status=old, **(only_if or {}))
        with row_changes.of(instance):
            moved = still_there.update(status=to, status_changed_at=now, **changes)
        if not moved:
            raise AlreadyMoved
        for name, value in {"status": to, "status_changed_at": now, **changes}.items():
            setattr(instance, name, value)
        return _write_history(
            instance, old, by=by, on_behalf_of=on_behalf_of, reason=reason, now=now, recorded=recorded
        )


def _write_history(
    instance: Any,
    old: str,
    *,
    by: Any,
    on_behalf_of: Any,
    reason: str,
    now: datetime,
    recorded: Mapping[str, Any] | None = None,
) -> StatusChange:
    return instance.history.create(
        from_status=old,
        to_status=instance.status,
        actor=by,
        on_behalf_of=on_behalf_of if on_behalf_of != by else None,
        reason=reason,
        at=now,
        **{**instance.history_fields(), **(recorded or {})},
    )
