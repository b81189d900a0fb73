"""Rows of the morning page in the world of the access matrix: days of figures, rows behind them, a sheet."""

from datetime import timedelta
from typing import TYPE_CHECKING

from community.core import clock, sealed_files
from community.core.models import ExportFile
from services.common.models import ResponseClock, Satisfaction
from tests.factories.figures import make_figures

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates a month of every figure, a late answer, one due soon, and a rating of a repair."""
    now = clock.now()
    make_figures(estate=world.estate, days=40)
    for reference, due_at in (
        (world.repair.reference, now - timedelta(minutes=40)),
        (world.emergency.reference, now + timedelta(minutes=20)),
    ):
        ResponseClock.objects.create(
            estate=world.estate,
            service="repairs",
            reference=reference,
            url="/staff/repairs/",
            minutes=60,
            started_at=now - timedelta(hours=2),
            due_at=due_at,
        )
    Satisfaction.objects.create(
        estate=world.estate,
        service="repairs",
        reference=world.repair.reference,
        face=3,
        given_by=world.people["owner"],
        at=now,
    )
    # Its name stays in the language of the person who requested it.
    world.typed.append("报修")
    world.more["export"] = ExportFile.objects.create(
        asked_by=world.people["manager"],
        status=ExportFile.Status.READY,
        status_changed_at=now,
        page="/admin/repairs/repair/export/",
        language="zh-hans",
        title="报修",
        file_name="repair",
        right="repairs.export_repair",
        estates=[world.estate.pk],
        stored=sealed_files.keep(b"PK"),
        created_at=now,
    )
