"""Background tasks of imports."""

from celery import shared_task

from community.core import clock
from community.estates import actions
from community.estates.models import ImportRun


@shared_task(queue="bulk")
def carry_on_import(run_pk: int) -> None:
    """Takes the next step of an import; does nothing if it is gone or finished."""
    run = ImportRun.objects.select_related("estate", "started_by").filter(pk=run_pk).first()
    if run is not None:
        actions.continue_import(run=run, now=clock.now())


@shared_task
def sweep_imports() -> int:
    """Resumes interrupted imports and deletes old ones."""
    return actions.sweep_imports(now=clock.now())
