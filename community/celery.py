"""Celery application; its schedule comes from apps and services."""

import os
from typing import Any

from celery import Celery

from community.core.services import all_on

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

app = Celery("linli")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timetable() -> dict[str, Any]:
    """Beat's entries, as the apps and the services that are switched on declare them."""
    return {name: entry for one in all_on() for name, entry in one.beat.items()}


@app.on_after_finalize.connect
def set_timetable(sender: Celery, **kwargs: Any) -> None:
    sender.conf.beat_schedule = timetable()
