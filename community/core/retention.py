"""Deletes every night what is no longer needed, by the declarations of all apps, and writes a report."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, QuerySet

from community.core import clock
from community.core.models import RetentionDay
from community.core.services import Retention, all_on

logger = logging.getLogger(__name__)
REPORT_KEPT = timedelta(days=365)
# Folders whose files belong to rows. A file is stored before its row, so young ones are left alone.
FOLDERS = ("pictures", "recordings", "sealed")
LEFT_ALONE = timedelta(days=2)
MAX_ORPHANS = 500
SHORTEST_NAME = 64


def retentions() -> list[Retention]:
    """Returns what all apps delete by themselves."""
    return [one for app in all_on() for one in app.retention]


def carry_out(now: datetime) -> int:
    """Deletes each kind; an error in one stops no other. Returns how many rows and files were deleted."""
    removed = sum(_carry_out(one, now) for one in retentions())
    RetentionDay.objects.filter(day__lt=clock.today(now - REPORT_KEPT)).delete()
    return removed


def _carry_out(kind: Retention, now: datetime) -> int:
    removed, error = 0, ""
    try:
        removed = kind.carry_out(now=now)
    except Exception as failure:
        logger.exception("core: %s could not be deleted", kind.key)
        error = type(failure).__name__
    line, _is_new = RetentionDay.objects.get_or_create(
        day=clock.today(now), kind=kind.key, defaults={"last_at": now}
    )
    counted = {
        "removed": F("removed") + removed,
        "failures": F("failures") + int(bool(error)),
        "last_at": now,
    }
    RetentionDay.objects.filter(pk=line.pk).update(**counted, **({"error": error} if error else {}))
    return removed


def delete_orphaned_files(*, now: datetime) -> int:
    """Deletes files to which no row leads any more; returns how many, at most ``MAX_ORPHANS``."""
    removed = 0
    for folder in FOLDERS:
        if not default_storage.exists(folder):
            continue
        known: set[str] | None = None
        for file in default_storage.listdir(folder)[1]:
            name = f"{folder}/{file}"
            if default_storage.get_modified_time(name) > now - LEFT_ALONE:
                continue
            known = _names_in_rows(folder) if known is None else known
            # Rows of pictures name what their three sizes have in common.
            if name in known or name.rpartition("-")[0] in known:
                continue
            default_storage.delete(name)
            removed += 1
            if removed >= MAX_ORPHANS:
                return removed
    return removed


def _names_in_rows(folder: str) -> set[str]:
    """Returns all names of files of a folder that stand in any row of any table."""
    return {
        name for rows, column in _columns() for name in rows.filter(**{f"{column}__startswith": f"{folder}/"})
    }


def _columns() -> Iterator[tuple[QuerySet, str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if (
                type(field) is models.CharField
                and (field.max_length or 0) >= SHORTEST_NAME
                and not field.choices
            ):
                yield QuerySet(model).values_list(field.name, flat=True).order_by(), field.name
