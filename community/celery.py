"""The background work: one Celery application, its timetable from the apps and the services."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from django.apps import apps

from community.core.services import declared

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

app = Celery("linli")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timetable() -> dict[str, Any]:
    """Beat's entries: ``BEAT`` of every app's ``tasks`` module, and what the services declare."""
    entries: dict[str, Any] = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.tasks"):
            entries |= getattr(import_module(f"{config.name}.tasks"), "BEAT", {})
    for service in declared():
        entries |= service.beat
    return entries


@app.on_after_finalize.connect
def set_timetable(sender: Celery, **kwargs: Any) -> None:
    sender.conf.beat_schedule = timetable()
