from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 2000


def to_common(apps: StateApps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Copies the rows into the table that all services share."""
    sent = apps.get_model("renovation", "CrewSubmission").objects.select_related("appointment")
    new: Any = apps.get_model("common", "WorkSubmission")
    batch = []
    for row in sent.iterator(BATCH):
        batch.append(
            new(
                key=row.key,
                worker_id=row.worker_id,
                estate_id=row.appointment.estate_id,
                service="renovation",
                reference=row.appointment.reference,
                at=row.at,
            )
        )
        if len(batch) == BATCH:
            new.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    new.objects.bulk_create(batch, ignore_conflicts=True)


def from_common(apps: StateApps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Copies the rows back, without those whose appointment is gone, and deletes them in the shared table."""
    old: Any = apps.get_model("renovation", "CrewSubmission")
    new: Any = apps.get_model("common", "WorkSubmission")
    jobs: Any = apps.get_model("renovation", "Appointment")
    sent = list(new.objects.filter(service="renovation"))
    found = jobs.objects.filter(reference__in={row.reference for row in sent})
    keys = {(estate, reference): pk for pk, estate, reference in found.values_list("pk", "estate_id", "reference")}
    old.objects.bulk_create(
        [
            old(key=row.key, worker_id=row.worker_id, appointment_id=keys[row.estate_id, row.reference], at=row.at)
            for row in sent
            if (row.estate_id, row.reference) in keys
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    new.objects.filter(service="renovation").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("renovation", "0003_cost_in_yuan"),
        ("common", "0005_work_submissions"),
    ]

    operations = [migrations.RunPython(to_common, from_common)]
