"""Whether this process answers (liveness), and whether it can do its work (readiness)."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from community.core import broker
from community.core.locked import works_while_locked
from community.core.traces import leaves_no_trace

# Bytes below which a disk counts as full: an import, an export and its pictures still fit above.
LEAST_FREE = 200_000_000


@require_safe
@works_while_locked
@leaves_no_trace
def live(request: HttpRequest) -> HttpResponse:
    """Answers 200 without looking at anything: a process that does not is to be started anew."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@works_while_locked
@leaves_no_trace
def ready(request: HttpRequest) -> JsonResponse:
    """Answers 200, or 503 without the database or its newest tables; says of each part whether it is well.

    Without Redis and on a nearly full disk pages still work, more slowly or without uploads: to take every
    process out of service for these would help nobody, so they are said and change no status.
    """
    parts = {name: is_well() for name, is_well in PARTS.items()}
    is_ready = all(parts[name] for name in NEEDED)
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _has_newest_tables() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _has_redis() -> bool:
    return broker.is_reachable()


def _has_room() -> bool:
    try:
        return shutil.disk_usage(settings.DATA_DIR).free >= LEAST_FREE
    except OSError:
        return False


PARTS: dict[str, Callable[[], bool]] = {
    "database": _has_database,
    "tables": _has_newest_tables,
    "redis": _has_redis,
    "disk": _has_room,
}
NEEDED = ("database", "tables")
