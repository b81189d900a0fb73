"""Sheets that are read and written in the background."""

from celery import shared_task

from community.core import clock
from community.estates import actions
from community.estates.models import ImportRun


@shared_task(queue="bulk")
def carry_on_import(run_pk: int) -> None:
    """The next step of an import; nothing where it is gone or done meanwhile."""
    run = ImportRun.objects.select_related("estate", "started_by").filter(pk=run_pk).first()
    if run is not None:
        actions.carry_on(run=run, now=clock.now())


@shared_task
def sweep_imports() -> int:
    """What was cut off goes on; what is a day old is deleted."""
    return actions.sweep_imports(now=clock.now())
